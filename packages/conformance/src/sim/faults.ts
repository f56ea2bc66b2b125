/** What can go wrong in a schedule. Each is on or off for a seed, and happens when its plan says. */
export const FAULTS = [
  'loss', // messages in the swarm vanish
  'duplication', // or arrive twice
  'reordering', // or arrive after later ones
  'spike', // connections are slow for a while
  'partition', // a process and the broker do not hear each other
  'one-way', // only one of the two does not
  'split', // what one process publishes does not reach a certain other one; servers are parted
  'pressure', // the broker pushes back
  'blip', // all links are lost, and the broker is away for a while
  'unlink', // one link is lost
  'crash', // a process ends without a word, and comes back with nothing
  'stall', // the event loop of a process is held up
  'jump', // the machine of a process sleeps
  'slow', // handlers take their time
  'forged', // answers come from whom nobody asked
  'late', // answers come again, much later
  'flood', // one party asks very much at once
  'cut', // the connection of a client breaks
  'move', // a client comes to another process with the id it has
  'vanish', // a client is gone without a word, and for good
  'clog', // a connection takes nothing for a while
  'goodbye', // a client or its node ends the conversation
  'refusal', // the broker lets nobody subscribe
  'shutdown', // a server is closed
] as const;

export type FaultKind = (typeof FAULTS)[number];

/** Faults of single messages in the swarm: only those that were hit by one have met it. */
export const BY_MESSAGE: ReadonlySet<FaultKind> = new Set([
  'loss',
  'duplication',
  'reordering',
  'late',
  'forged',
]);

export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  /** How long it lasts, in ms; of a crash or shutdown, until the process is back. */
  readonly forMs: number;
  /** Index of the process concerned, where one is. */
  readonly process: number;
  /** Index of the other process, of a split or move. */
  readonly other: number;
  /** Index of the client concerned, where one is. */
  readonly slot: number;
  /** Probability for each message, or another measure of how bad it is: from 0 to 1. */
  readonly rate: number;
  /** The only kind of frame that is hit, of a fault of single messages; null for all. */
  readonly only: number | null;
}

const NUMBERS: ReadonlyMap<FaultKind, number> = new Map(FAULTS.map((kind, index) => [kind, index]));

/** Its column in tables. */
export function numberOfFault(kind: FaultKind): number {
  return NUMBERS.get(kind) as number;
}
