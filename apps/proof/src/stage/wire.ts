/** What lies between an actor and its broker, and can fail. Faults add up until `pass`. */
export interface Wire {
  /** Nothing that the actor sends gets through any more, not even that it hangs up. */
  dropToBroker(): void;
  /** The same for what the broker sends. */
  dropToClient(): void;
  /** Resets the link there is; what is on its way is lost. */
  cut(): void;
  /** No new link comes about; the one there is goes on. */
  refuse(): void;
  /** Everything takes so much longer, each way. */
  delay(ms: number): void;
  /** Ends all faults: what was held up arrives now, unless it was cut. */
  pass(): Promise<void>;
}
