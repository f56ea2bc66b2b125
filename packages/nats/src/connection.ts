/** What is used of a connection: those of `@nats-io/transport-node` 3 and of `nats` 2 have it. */
export interface NatsConnection {
  /** What its server told last, while connected. */
  readonly info?: NatsInfo | undefined;
  publish(subject: string, payload: Uint8Array, options?: { reply: string } | undefined): void;
  subscribe(subject: string, options: { callback: NatsCallback }): NatsSubscription;
  /** Resolves when the server has handled all that was sent until now. */
  flush(): Promise<void>;
  status(): AsyncIterable<NatsStatus>;
  closed(): Promise<unknown>;
  close(): Promise<void>;
}

export interface NatsInfo {
  readonly max_payload: number;
  readonly headers?: boolean;
  /** The name of its cluster. */
  readonly cluster?: string;
  /** Where clients reach it and those it has a route to, if they are to know. */
  readonly connect_urls?: readonly string[];
}

export interface NatsSubscription {
  unsubscribe(): void;
}

export type NatsCallback = (error: Error | null, message: NatsMessage) => void;

export interface NatsMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers?: { readonly code: number } | undefined;
}

/** News of the connection. For an error of the server, version 2 has `data` and no `error`. */
export interface NatsStatus {
  readonly type: string;
  readonly error?: Error & { readonly operation?: string; readonly subject?: string };
  readonly data?: unknown;
  readonly permissionContext?: { readonly operation: string; readonly subject: string };
}
