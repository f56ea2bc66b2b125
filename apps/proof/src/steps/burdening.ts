import { textOf } from '../actor/text.ts';
import type { Cast, Line, Party } from '../stage/cast.ts';
import { echo, everyDirection, give, inOrder, type Step, throughSwarm } from './step.ts';

/** Over what a message on a socket may have, and one in the swarm. */
const SOCKET_CHARS = 1_100_000;
const SWARM_CHARS = 530_000;
/** Just under what one in the swarm may have. */
const FITTING_CHARS = 507_000;

/** Some of these are more than a socket holds that is not read. */
const PILE_CHARS = 400_000;
/** So many bytes at a time are more than a broker is sent that takes none, in the end. */
const FLOOD_CHARS = 500_000;
const FLOOD_MAX = 128;

/** How long a process stands still, in ms, and what it is asked by one end meanwhile. */
const FREEZE_MS = 5_000;
const ASKED_MEANWHILE = 200;

/** Whoever asks with a text, and how long a text is too long for it. */
function ways(cast: Cast): readonly (Pick<Line, 'from' | 'kind' | 'to'> & { chars: number })[] {
  const routed = [cast.node('a1'), cast.server('a')].flatMap((from: Party) =>
    ['b1', 'bob', 'ada'].flatMap((to) => [
      { from, kind: 'server' as const, to, chars: SWARM_CHARS },
      { from, kind: 'remoteClient' as const, to, chars: SWARM_CHARS },
    ]),
  );
  return [
    { from: cast.client('a1'), kind: 'client', chars: SOCKET_CHARS },
    { from: cast.node('a1'), kind: 'client', chars: SOCKET_CHARS },
    ...routed,
  ];
}

export const BURDENING: readonly Step[] = [
  {
    name: 'what is too large',
    run: async (cast) => {
      for (const { chars, ...way } of ways(cast)) {
        const [small, large] = [textOf(FITTING_CHARS), textOf(chars)];
        await give(cast, [{ ...way, name: 'sized', args: [small, FITTING_CHARS] }], 'ok');
        await give(cast, [{ ...way, name: 'sized', args: [large, 1] }], 'too_large/no');
        await give(cast, [{ ...way, name: 'sized', args: ['', chars] }], 'too_large/yes');
        await cast.ask({ ...way, name: 'swallowed', args: [large], isEvent: true });
        await give(cast, [{ ...way, name: 'sized', args: ['', 1] }], 'ok');
      }
    },
  },
  {
    name: 'a client that does not read',
    run: async (cast) => {
      for (const from of [cast.node('b1'), cast.server('a')]) {
        const line = { from, kind: 'remoteClient' as const, to: 'ada', name: 'sized' };
        const long = Array.from({ length: 3 }, () => ({ ...line, args: [textOf(PILE_CHARS), 1] }));
        await cast.read('ada', false);
        // They get there one after another.
        const exchanges = [...(await cast.askAll([...long, { ...line, args: ['', 1] }]))];
        await exchanges.pop()?.gives('overloaded/no');
        // Its node is not concerned, and no other client.
        await give(cast, [echo(from, 'server', 'ada'), echo(from, 'remoteClient', 'a1')], 'ok');
        await cast.read('ada', true);
        for (const exchange of exchanges) await exchange.gives('ok', 'x');
        await give(cast, [{ ...line, args: ['', 1] }], 'ok');
      }
    },
  },
  {
    name: 'a broker that takes no more',
    hasFault: true,
    run: async (cast) => {
      const wire = cast.wire('a');
      wire.dropToBroker();
      const hasLeft = await cast.flood('a', 'b1', FLOOD_MAX, FLOOD_CHARS);
      if (hasLeft) throw new Error('everything has left for a broker that takes nothing');
      await give(cast, throughSwarm(cast, 'a', ['b1']), 'overloaded/no');
      const event = { from: cast.node('a1'), kind: 'server' as const, to: 'b1', args: [1] };
      await cast.ask({ ...event, name: 'noted', isEvent: true });
      await give(cast, throughSwarm(cast, 'a', ['ada']), 'ok');
      await wire.pass();
      await cast.reachAll();
      await give(cast, everyDirection(cast), 'ok');
    },
  },
  {
    name: 'a process that stands still',
    hasFault: true,
    run: async (cast) => {
      const goesOn = cast.freeze('c', FREEZE_MS);
      const lines = Array.from({ length: ASKED_MEANWHILE }, (_, index): Line => {
        const isEvent = index % 2 === 1;
        const what = { kind: 'server' as const, to: 'c1', args: [index], isEvent };
        return { ...what, from: cast.node('a1'), name: isEvent ? 'noted' : 'echo' };
      });
      await inOrder(cast, lines);
      await goesOn;
      await give(cast, everyDirection(cast), 'ok');
    },
  },
];
