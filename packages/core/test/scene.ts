import fc from 'fast-check';
import type { Client, Server } from '../src/index.ts';
import { FakeRuntime } from './runtime.ts';
import { type Connected, ending, World } from './world.ts';

const NAMES = ['echo', 'slow', 'never', 'throw', 'unknown', 'ask', 'far'] as const;
const IDS = ['c0', 'c1', 'c2', 'c3', 'nobody'] as const;

export const steps = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      ask: fc.constantFrom('client', 'node', 'server', 'remoteClient'),
      who: fc.nat(3),
      whom: fc.constantFrom(...IDS),
      name: fc.constantFrom(...NAMES),
      timeoutMs: fc.integer({ min: 1, max: 2_000 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ abort: fc.nat(8) }) },
  { weight: 3, arbitrary: fc.record({ pass: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ cut: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ leave: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ silence: fc.nat(3) }) },
);
export type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

/** Two servers, two clients of each, and every call that was ever made. */
export class Scene {
  readonly world: World;
  readonly ends: unknown[] = [];
  asked = 0;
  readonly #aborts: AbortController[] = [];
  #servers: readonly Server[] = [];
  #clients: readonly Connected[] = [];

  constructor(seed: number) {
    this.world = new World(new FakeRuntime({ seed }));
  }

  async open(): Promise<void> {
    const { world } = this;
    const [a, b] = [await world.server(), await world.server()];
    this.#servers = [a, b];
    for (const server of [a, b]) {
      server.client.on('ask', (ctx, id: string) => ctx.node.send(id, 'slow'));
      server.client.on('far', (ctx, id: string) => ctx.node.remoteClient.send(id, 'slow'));
      this.#answer(server);
      this.#answer(server.client);
      server.remoteClient.on('echo', (_ctx, ...args) => args);
    }
    this.#clients = await Promise.all(
      [a, b, a, b].map((server, i) => world.connect(server, { id: `c${i}` })),
    );
    for (const { client } of this.#clients) this.#answer(client);
  }

  async take(step: Step): Promise<void> {
    if ('ask' in step) this.#ask(step);
    else if ('abort' in step) this.#aborts[step.abort]?.abort();
    else if ('pass' in step) await this.world.runtime.advance(step.pass);
    else if ('cut' in step) this.#clients[step.cut]?.near.close(1006, 'cut');
    else if ('leave' in step) this.#clients[step.leave]?.node.close();
    else {
      // A socket that takes everything and delivers nothing.
      const far = this.#clients[step.silence]?.far;
      if (far !== undefined) far.send = () => {};
    }
  }

  /** Everything that went over the sockets, in order for each of them. */
  get transcript(): readonly string[] {
    return this.#clients.flatMap(({ near, far }) => [...near.sent, ...far.sent].map(String));
  }

  #answer(end: Server | Server['client'] | Client): void {
    const { runtime } = this.world;
    end.on('echo', (_ctx: unknown, ...args: unknown[]) => args);
    end.on('slow', () => new Promise<void>((resolve) => void runtime.setTimer(resolve, 150)));
    end.on('never', () => new Promise(() => {}));
    end.on('throw', () => Promise.reject('thrown'));
  }

  #ask({ ask, who, whom, name, timeoutMs }: Extract<Step, { ask: unknown }>): void {
    const connected = this.#clients[who];
    const server = this.#servers[who % 2];
    if (connected === undefined || server === undefined) return;
    const controller = new AbortController();
    const options = { timeoutMs, signal: controller.signal };
    const { client, node } = connected;
    const calls = {
      client: () => client.with(options).send(name, whom),
      node: () => node.with(options).send(whom, name, 1),
      server: () => server.with(options).send(whom, name, 1),
      remoteClient: () => node.remoteClient.with(options).send(whom, name, 1),
    };
    this.#aborts.push(controller);
    this.asked += 1;
    void ending(calls[ask]()).then((end) => this.ends.push(end));
  }
}
