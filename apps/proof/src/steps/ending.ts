import type { Cast } from '../stage/cast.ts';
import { echo, give, hold, type Step } from './step.ts';

/** Long enough that a handler has begun to run on any machine. */
const SHORT_MS = 2_000;

/** Requests whose handlers hold them, and how many handlers run. */
function held(cast: Cast, timeoutMs?: number) {
  return [
    hold(cast.client('a1'), 'client', undefined, timeoutMs),
    hold(cast.node('a1'), 'client', undefined, timeoutMs),
    hold(cast.node('a1'), 'server', 'ada', timeoutMs),
    hold(cast.node('a1'), 'server', 'b1', timeoutMs),
    hold(cast.server('a'), 'remoteClient', 'bob', timeoutMs),
    hold(cast.node('cleo'), 'remoteClient', 'a1', timeoutMs),
  ];
}

export const ENDING: readonly Step[] = [
  {
    name: 'whoever asked gives up',
    run: async (cast) => {
      for (const line of held(cast)) {
        const exchange = await cast.ask(line);
        await exchange.runs();
        await cast.cancel(exchange);
        await exchange.gives('cancelled/unknown');
        await exchange.aborts();
      }
    },
  },
  {
    name: 'time is over',
    run: async (cast) => {
      const exchanges = await cast.askAll(held(cast, SHORT_MS));
      for (const exchange of exchanges) {
        await exchange.gives('timeout/unknown');
        await exchange.aborts();
      }
    },
  },
  {
    name: 'answers in another order than requests',
    run: async (cast) => {
      const [first, second] = await cast.askAll([
        hold(cast.node('a1'), 'server', 'b1'),
        hold(cast.node('a1'), 'server', 'b1'),
      ]);
      if (first === undefined || second === undefined) return;
      await first.runs();
      await second.runs();
      await cast.release(second);
      await second.gives('ok', 'released');
      await cast.release(first);
      await first.gives('ok', 'released');
    },
  },
  {
    name: 'nodes that are not there',
    run: async (cast) => {
      const nobody = 'a'.repeat(26);
      const ids = [
        'nobody',
        `${'a'.repeat(16)}-${nobody}`,
        // Two processes that are there have no such node.
        ...['a1', 'b1'].map((client) => `${cast.idOf(client).split('-', 1)[0]}-${nobody}`),
      ];
      for (const from of [cast.node('a1'), cast.server('c')]) {
        for (const to of ids) {
          await give(cast, [echo(from, 'server', to)], 'unreachable/no');
          await give(cast, [echo(from, 'remoteClient', to)], 'unreachable/no');
        }
      }
      // Nobody else has been harmed.
      await give(cast, [echo(cast.node('a1'), 'server', 'b1')], 'ok');
    },
  },
];
