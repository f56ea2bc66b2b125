import { randomInt } from 'node:crypto';
import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { Attempt } from './attempt.ts';
import type { NatsConnection } from './connection.ts';

/** For all servers together: the core waits no longer. */
const DIAL_TIMEOUT_MS = 3_000;
/** A server that has not let us in by then gets a rival, and may still be the first. */
const PATIENCE_MS = 500;

export type DialOptions = Omit<NodeConnectionOptions, 'servers' | 'timeout'>;

/**
 * Connects to one of the servers, in an order of chance: the next one is tried when one fails, and
 * also when one is slow. The library alone would wait for a silent one until it is too late.
 */
export function dial(servers: readonly string[], options: DialOptions): Promise<NatsConnection> {
  return new Promise((resolve, reject) => {
    new Dialing(servers, options, { resolve, reject }).next();
  });
}

interface Outcome {
  resolve(connection: NatsConnection): void;
  reject(cause: unknown): void;
}

class Dialing {
  readonly #waiting: string[];
  readonly #options: DialOptions;
  readonly #outcome: Outcome;
  readonly #dueMs: number = performance.now() + DIAL_TIMEOUT_MS;
  readonly #attempts: Set<Attempt> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(servers: readonly string[], options: DialOptions, outcome: Outcome) {
    this.#waiting = options.noRandomize === true ? [...servers] : shuffled(servers);
    this.#options = options;
    this.#outcome = outcome;
  }

  /** The cause is why the last one failed. */
  next(cause?: unknown): void {
    clearTimeout(this.#timer);
    const server = this.#waiting.shift();
    if (server !== undefined) this.#try(server);
    else if (this.#attempts.size === 0) this.#outcome.reject(cause);
  }

  #try(server: string): void {
    const timeout = Math.max(1, this.#dueMs - performance.now());
    const attempt = new Attempt();
    this.#attempts.add(attempt);
    this.#timer = setTimeout(() => this.next(), PATIENCE_MS);
    attempt.connect({ ...this.#options, servers: [server], timeout }).then(
      (connection) => {
        // One that has been abandoned is over, though it may not know it yet.
        if (this.#attempts.delete(attempt)) this.#won(connection);
      },
      (cause) => {
        if (this.#attempts.delete(attempt)) this.next(cause);
      },
    );
  }

  #won(connection: NatsConnection): void {
    clearTimeout(this.#timer);
    for (const rival of this.#attempts) rival.abandon();
    this.#attempts.clear();
    this.#outcome.resolve(connection);
  }
}

function shuffled(servers: readonly string[]): string[] {
  const order = [...servers];
  for (let left = order.length; left > 1; left -= 1) {
    const [drawn = ''] = order.splice(randomInt(left), 1);
    order.push(drawn);
  }
  return order;
}
