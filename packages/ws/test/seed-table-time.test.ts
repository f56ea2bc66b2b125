import {
  type Client,
  type ClientOptions,
  createClient,
  createServer,
  type Message,
  type Node,
  platformRuntime,
  type Runtime,
  type Server,
  type ServerOptions,
  type Socket,
  type SocketHost,
} from '@swarm/core';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Time that stands still until it is told to pass. */
class Clockwork implements Runtime {
  #nowMs = 0;
  #timers: readonly { readonly atMs: number; readonly callback: () => void }[] = [];

  /** Timers that are set: 0 when nothing is left to happen. */
  get timers(): number {
    return this.#timers.length;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  randomBytes(length: number): Uint8Array {
    return platformRuntime.randomBytes(length);
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    const later = this.#timers.findIndex(({ atMs }) => atMs > timer.atMs);
    this.#timers = this.#timers.toSpliced(later === -1 ? this.timers : later, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  microtask(callback: () => void): void {
    queueMicrotask(callback);
  }

  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await new Promise((resolve) => setImmediate(resolve));
    for (let timer = this.#timers[0]; timer !== undefined; timer = this.#timers[0]) {
      if (timer.atMs > endMs) break;
      this.#timers = this.#timers.slice(1);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.callback();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#nowMs = endMs;
  }

  /** Time passes while the process is held up: no timer is heard before the next `pass`. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }
}

/** One end of a link in memory. Closing is told at both ends at once. */
class Cable implements Socket {
  /** Messages that wait until the other end listens. */
  readonly #kept: Message[] = [];
  #other: Cable | null = null;
  #host: SocketHost | null = null;
  isClosed = false;

  static pair(): { far: Cable; near: Cable } {
    const [far, near] = [new Cable(), new Cable()];
    far.#other = near;
    near.#other = far;
    return { far, near };
  }

  attach(host: SocketHost): void {
    this.#host = host;
    for (const message of this.#kept.splice(0)) queueMicrotask(() => host.message(message));
  }

  send(message: Message): void {
    const other = this.#other;
    if (this.isClosed || other === null) return;
    if (other.#host === null) other.#kept.push(message);
    else queueMicrotask(() => other.#host?.message(message));
  }

  close(code: number, reason = ''): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#host?.closed(code, reason);
    this.#other?.close(code, reason);
  }
}

interface House {
  readonly clock: Clockwork;
  readonly server: Server;
  readonly client: Client;
  readonly node: Node;
  readonly far: Cable;
}

async function open(options: ServerOptions & ClientOptions = {}): Promise<House> {
  const runtime = new Clockwork();
  const server = await createServer({ ...options, runtime });
  const { far, near } = Cable.pair();
  const client = createClient(far, { ...options, runtime });
  onTestFinished(async () => {
    client.close();
    await server.close();
    expect(runtime.timers).toBe(0);
  });
  const node = await server.createNode(near);
  await runtime.pass(20);
  expect(client.isOpen).toBe(true);
  return { clock: runtime, server, client, node, far };
}

/** What became of a promise by now. */
function follow(promise: Promise<unknown> | undefined): { outcome: unknown } {
  const followed: { outcome: unknown } = { outcome: 'pending' };
  promise?.then(
    (value) => {
      followed.outcome = value;
    },
    (error) => {
      followed.outcome = error;
    },
  );
  return followed;
}

/** Deadlines are kept to one step of the timeout wheel. */
const STEP_MS = 64;
const timeout = { type: 'protocol', subtype: 'timeout', delivered: 'unknown' };

describe('timeout', () => {
  it('gives a handler of 1.5 s the time it needs', async () => {
    const { clock, client, server } = await open();
    server.client.on('slow', () => {
      return new Promise((resolve) => clock.setTimer(() => resolve('done'), 1_500));
    });

    const answer = follow(client.send('slow'));
    await clock.pass(1_500);

    expect(answer.outcome).toBe('done');
  });

  it('is 10 s where nobody says otherwise, both ways and between nodes', async () => {
    const { clock, client, server, node } = await open();
    server.client.on('never', () => new Promise(() => {}));
    client.on('never', () => new Promise(() => {}));
    server.on('never', () => new Promise(() => {}));

    const asks = [client.send('never'), node.client.send('never'), server.send(node.id, 'never')];
    const answers = asks.map(follow);
    await clock.pass(9_999);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['pending', 'pending', 'pending']);
    await clock.pass(1 + STEP_MS);

    for (const { outcome } of answers) expect(outcome).toMatchObject(timeout);
  });

  it('is set for a whole client or server, and for single calls', async () => {
    const { clock, client, server } = await open({ requestTimeoutMs: 30_000 });
    server.client.on('never', () => new Promise(() => {}));

    const usual = follow(client.send('never'));
    const short = follow(client.with({ timeoutMs: 100 }).send('never'));
    await clock.pass(100 + STEP_MS);
    expect(short.outcome).toMatchObject(timeout);
    await clock.pass(29_000);
    expect(usual.outcome).toBe('pending');
    await clock.pass(1_000);

    expect(usual.outcome).toMatchObject(timeout);
  });

  it('travels with the request: the handler can read its deadline, and is told when it is over', async () => {
    const { clock, client, server } = await open();
    const seen: unknown[] = [];
    server.client.on('never', (ctx) => {
      seen.push(ctx.deadlineMs === null ? null : ctx.deadlineMs - clock.nowMs());
      ctx.signal.addEventListener('abort', () => seen.push('over'));
      return new Promise(() => {});
    });

    const answer = follow(client.with({ timeoutMs: 500 }).send('never'));
    await clock.pass(500 + STEP_MS);

    expect(answer.outcome).toMatchObject(timeout);
    expect(seen).toEqual([500, 'over']);
  });

  it('drops an answer that comes late, and the next one is not mistaken for it', async () => {
    const { clock, client, node } = await open();
    const finish: ((value: unknown) => void)[] = [];
    client.on('ask', () => new Promise((resolve) => finish.push(resolve)));

    const first = follow(node.client.with({ timeoutMs: 100 }).send('ask'));
    await clock.pass(100 + STEP_MS);
    expect(first.outcome).toMatchObject(timeout);
    const second = follow(node.client.send('ask'));
    await clock.pass(0);
    finish[0]?.('late');
    await clock.pass(0);
    expect(second.outcome).toBe('pending');
    finish[1]?.('in time');
    await clock.pass(0);

    expect(second.outcome).toBe('in time');
  });

  it('can be cut short by a signal, and the other end is told', async () => {
    const { clock, client, server } = await open();
    const heard: unknown[] = [];
    server.client.on('never', (ctx) => {
      ctx.signal.addEventListener('abort', () => heard.push(ctx.signal.reason));
      return new Promise(() => {});
    });
    const aborter = new AbortController();

    const answer = follow(client.with({ signal: aborter.signal }).send('never'));
    await clock.pass(0);
    aborter.abort();
    await clock.pass(0);

    expect(answer.outcome).toMatchObject({ subtype: 'cancelled', delivered: 'unknown' });
    expect(heard).toMatchObject([{ subtype: 'cancelled' }]);
    const again = client.with({ signal: aborter.signal }).send('never');
    await expect(again).rejects.toMatchObject({ subtype: 'cancelled', delivered: 'no' });
  });
});

describe('client-side ping', () => {
  it('ends a server that is silent for longer, and in-flight requests with it', async () => {
    const { clock, client, far } = await open({ pingIntervalMs: 1_000 });
    const ended = follow(new Promise((resolve) => client.events.on('failed', resolve)));
    far.send = () => {};

    const answer = follow(client.send('lost'));
    await clock.pass(4_000);

    expect(answer.outcome).toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    expect(ended.outcome).toMatchObject({ subtype: 'closed' });
  });

  it('outlives a stall of its own process, however long', async () => {
    const { clock, client, server, far } = await open({ pingIntervalMs: 1_000 });
    server.client.on('echo', (_ctx, x) => x);
    const send = far.send.bind(far);

    // As it is while a process is held up again and again: it never gets to what has arrived.
    far.send = () => {};
    for (let i = 0; i < 10; i += 1) {
      clock.stall(60_000);
      await clock.pass(0);
    }
    far.send = send;

    expect(client.isOpen).toBe(true);
    await expect(client.send('echo', 1)).resolves.toBe(1);
  });
});
