import { EXPLOSIVES } from '../actor/contract.ts';
import type { Cast, Line, Party } from '../stage/cast.ts';
import { everyDirection, give, inOrder, type Step } from './step.ts';

/** Parties of actor `a` that ask, and how `b1` or its client answers them. */
function ways(cast: Cast): readonly Pick<Line, 'from' | 'kind' | 'to'>[] {
  return [
    { from: cast.client('a1'), kind: 'client' },
    { from: cast.node('a1'), kind: 'client' },
    ...[cast.node('a1'), cast.server('a')].flatMap((from: Party) => [
      { from, kind: 'server' as const, to: 'b1' },
      { from, kind: 'remoteClient' as const, to: 'b1' },
    ]),
  ];
}

/** What one end sends another: a turn full of it, and then one by one. */
async function manyInOrder(cast: Cast, from: Party, to: string): Promise<void> {
  const lines = Array.from({ length: 12 }, (_, index): Line => {
    const isEvent = index % 3 === 2;
    const name = isEvent ? 'noted' : 'echo';
    return { from, kind: 'server', to, args: [index], isEvent, name };
  });
  await inOrder(cast, lines);
  for (const line of lines) await inOrder(cast, [line]);
}

export const ASKING: readonly Step[] = [
  {
    name: 'clients come in',
    run: async (cast) => {
      const parts = ['a', 'b', 'c'];
      await cast.start(...parts);
      for (const part of parts) await cast.connect(part, `${part}1`);
      await cast.connect('a', 'ada', 'ada');
      // Bytes that no broker may see in a subject.
      await cast.connect('b', 'bob', 'bob@home *.>');
      await cast.connect('c', 'cleo', 'cléo');
    },
  },
  {
    name: 'every kind of request in every direction',
    run: async (cast) => {
      await give(cast, everyDirection(cast), 'ok');
      // Again, because by now it is known where the chosen ids are.
      await give(cast, everyDirection(cast), 'ok');
    },
  },
  {
    name: 'requests and events of one turn, and of many, in order',
    run: async (cast) => {
      for (const to of ['b1', 'bob']) {
        for (const from of [cast.node('a1'), cast.server('a'), cast.node('c1')]) {
          await manyInOrder(cast, from, to);
        }
      }
    },
  },
  {
    name: 'handlers that refuse, throw or are not there',
    run: async (cast) => {
      for (const way of ways(cast)) {
        await give(cast, [{ ...way, name: 'refuse', args: ['it'] }], 'endpoint/yes');
        await give(cast, [{ ...way, name: 'spend', args: [12] }], 'BROKE/yes');
        await give(cast, [{ ...way, name: 'spend', args: [3] }], 'ok');
        for (const what of EXPLOSIVES) {
          await give(cast, [{ ...way, name: 'explode', args: [what] }], 'endpoint/yes');
        }
        await give(cast, [{ ...way, name: 'spend', args: ['text'] }], 'invalid/no');
        await give(cast, [{ ...way, name: 'missing' }], 'unhandled/no');
      }
    },
  },
  {
    name: 'events',
    run: async (cast) => {
      for (const way of ways(cast)) {
        const told = await cast.ask({ ...way, name: 'noted', args: [1], isEvent: true });
        await told.runs();
      }
    },
  },
  {
    name: 'a client asks through its node',
    run: async (cast) => {
      for (const client of ['a1', 'ada']) {
        for (const to of ['b1', 'bob', 'c1', 'ada']) {
          for (const kind of ['server', 'remoteClient']) {
            const args = [cast.idOf(to), kind, `by way of ${client}`];
            const from = cast.client(client);
            await give(cast, [{ from, kind: 'client', name: 'relay', args }], 'ok');
          }
        }
      }
    },
  },
  {
    name: 'what stands before a client',
    run: async (cast) => {
      for (const from of [cast.node('a1'), cast.server('a'), cast.node('bob')]) {
        for (const to of ['b1', 'cleo']) {
          const line = { from, kind: 'remoteClient' as const, to };
          await give(cast, [{ ...line, name: 'rewritten', args: ['words'] }], 'ok');
          await give(cast, [{ ...line, name: 'guarded', args: ['words'] }], 'endpoint/yes');
          const answered = await cast.ask({ ...line, name: 'intercepted', args: ['words'] });
          await answered.gives('ok', 'words, says the node');
          const counted = { ...line, name: 'counted', args: [1], isEvent: true };
          await (await cast.ask(counted)).runs(2);
        }
      }
    },
  },
];
