import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';
import { ending, World } from './world.ts';

/** How a sequence of messages is sent: each a request or an event, some with turns between. */
const sequences = fc.array(
  fc.record({ kind: fc.constantFrom('send', 'emit'), size: fc.nat(3_000), turn: fc.boolean() }),
  { minLength: 2, maxLength: 25 },
);
type Sequence = typeof sequences extends fc.Arbitrary<infer S> ? S : never;

interface Sender {
  send(i: number, filler: string): Promise<unknown>;
  emit(i: number, filler: string): boolean;
}

type Route = 'client to node' | 'node to client' | 'node to node' | 'node to far node' | 'through';
type Opened = { readonly world: World; readonly sender: Sender; readonly started: number[] };

/** One sender and one receiver with the way between them, and the order of started handlers. */
async function open(route: Route, seed: number): Promise<Opened> {
  const world = new World(new FakeRuntime({ seed }));
  const [a, b] = [await world.server(), await world.server()];
  const one = await world.connect(a, { id: 'one' });
  await world.connect(a, { id: 'near' });
  const far = await world.connect(b, { id: 'far' });
  const started: number[] = [];
  const note = (_ctx: unknown, i: number) => {
    started.push(i);
    // Some answer at once and some later: only the start of handlers has an order.
    return i % 3 === 0 ? i : new Promise((resolve) => setImmediate(() => resolve(i)));
  };
  a.client.on('note', note);
  for (const server of [a, b]) server.on('note', note);
  for (const { client } of [one, far]) client.on('note', note);
  const { client, node } = one;
  const senders: { readonly [R in Route]: Sender } = {
    'client to node': {
      send: (...args) => client.send('note', ...args),
      emit: (...args) => client.emit('note', ...args),
    },
    'node to client': {
      send: (...args) => node.client.send('note', ...args),
      emit: (...args) => node.client.emit('note', ...args),
    },
    'node to node': {
      send: (...args) => node.send('near', 'note', ...args),
      emit: (...args) => node.emit('near', 'note', ...args),
    },
    'node to far node': {
      send: (...args) => node.send('far', 'note', ...args),
      emit: (...args) => node.emit('far', 'note', ...args),
    },
    through: {
      send: (...args) => node.remoteClient.send('far', 'note', ...args),
      emit: (...args) => node.remoteClient.emit('far', 'note', ...args),
    },
  };
  return { world, sender: senders[route], started };
}

async function play({ world, sender }: Opened, sequence: Sequence): Promise<void> {
  for (const [i, { kind, size, turn }] of sequence.entries()) {
    const filler = 'x'.repeat(size);
    if (kind === 'emit') expect(sender.emit(i, filler)).toBe(true);
    else void ending(sender.send(i, filler));
    if (turn) await world.runtime.settle();
  }
  await world.runtime.settle();
}

describe.each([
  'client to node',
  'node to client',
  'node to node',
  'node to far node',
  'through',
] as const)('handlers of what goes from %s', (route) => {
  it('start in the order of sending', async () => {
    await fc.assert(
      fc.asyncProperty(sequences, fc.nat(), async (sequence, seed) => {
        const opened = await open(route, seed);

        await play(opened, sequence);

        expect(opened.started).toEqual(sequence.map((_, i) => i));
        await opened.world.close();
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is sent before a conversation opens', () => {
  it('is kept in order with what is sent after, both ways', async () => {
    const world = new World();
    const server = await world.server();
    const [atNode, atClient]: [number[], number[]] = [[], []];
    server.client.on('note', (_ctx, i: number) => void atNode.push(i));
    const [near, far] = PairedSocket.pair();
    const client = world.client(near);
    client.on('note', (_ctx, i: number) => void atClient.push(i));

    for (const i of [0, 1]) client.emit('note', i);
    const node = await server.createNode(far);
    for (const i of [0, 1]) node.client.emit('note', i);
    expect([atNode, atClient]).toEqual([[], []]);
    await world.runtime.advance(20);
    for (const end of [client, node.client]) end.emit('note', 2);
    await world.runtime.settle();

    expect([atNode, atClient]).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    await world.close();
  });
});
