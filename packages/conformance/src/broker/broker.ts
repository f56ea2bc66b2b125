export type BrokerKind = 'redis' | 'nats' | 'rabbitmq';

/** Paths of PEM files. */
export interface BrokerTls {
  readonly certPath: string;
  readonly keyPath: string;
}

export interface BrokerOptions {
  /** Lines for its configuration file, in its own language, such as `maxmemory 1mb`. */
  readonly config?: readonly string[] | undefined;
  /** Clients must then use TLS. */
  readonly tls?: BrokerTls | undefined;
}

/**
 * A broker of the test's own: a real process on a free port of the loopback interface, with
 * nothing kept from one test to the next. It ends with the process that started it, however that
 * one ends.
 */
export interface Broker {
  readonly kind: BrokerKind;
  /** Such as `redis://127.0.0.1:20000`, without credentials. */
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now, or of the last one that did. */
  readonly pid: number;
  /** Its own, with configuration and log. */
  readonly folder: string;
  /** SIGKILL. Resolves when the process is gone; the port stays reserved. Idempotent. */
  kill(): Promise<void>;
  /** On the same port, with what it has on disk; killed first if it runs. Resolves as it answers. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay, and nothing answers. Resolves when it has stopped. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
  /** Leaves neither process nor folder. Idempotent, and final. */
  stop(): Promise<void>;
}
