import type { Cast } from '../stage/cast.ts';
import type { Exchange } from '../stage/exchange.ts';
import { echo, everyDirection, give, hold, type Step, throughSwarm } from './step.ts';

/** Longer than a handler needs to begin, and than a broker takes to see that a process is gone. */
const SHORT_MS = 3_000;
/** Longer than any broker needs to start, on any machine. */
const LONG_MS = 60_000;

/** In flight between processes, by generated and by chosen ids. */
function acrossHeld(cast: Cast) {
  return [
    hold(cast.node('a1'), 'server', 'b1'),
    hold(cast.node('a1'), 'remoteClient', 'bob'),
    hold(cast.server('b'), 'server', 'ada'),
    hold(cast.node('c1'), 'remoteClient', 'a1'),
  ];
}

/** In flight within a process. */
function withinHeld(cast: Cast) {
  return [
    hold(cast.client('a1'), 'client', undefined, LONG_MS),
    hold(cast.node('b1'), 'client', undefined, LONG_MS),
    hold(cast.node('c1'), 'server', 'cleo', LONG_MS),
    hold(cast.server('a'), 'remoteClient', 'ada', LONG_MS),
  ];
}

async function allRun(exchanges: readonly Exchange[]): Promise<void> {
  for (const exchange of exchanges) await exchange.runs();
}

export const FAILING: readonly Step[] = [
  {
    name: 'the broker is killed and comes back',
    hasFault: true,
    run: async (cast) => {
      const across = await cast.askAll(acrossHeld(cast));
      const within = await cast.askAll(withinHeld(cast));
      await allRun([...across, ...within]);

      await cast.eachSees('unlinked', () => cast.site.kill());
      for (const exchange of across) {
        await exchange.gives('closed/unknown');
        await exchange.aborts();
      }
      for (const actor of cast.actors) {
        const own = cast.clients(actor);
        const others = cast.clients().filter((client) => !own.includes(client));
        await give(cast, throughSwarm(cast, actor, others), 'closed/no');
        await give(cast, throughSwarm(cast, actor, own), 'ok');
        await give(
          cast,
          own.map((client) => echo(cast.client(client), 'client')),
          'ok',
        );
        const event = { from: cast.server(actor), kind: 'server' as const, args: [1] };
        await cast.ask({ ...event, to: others[0] as string, name: 'noted', isEvent: true });
      }
      // Nobody can be told of it now.
      await cast.connect('b', 'dora', 'dora');

      await cast.eachSees('linked', () => cast.site.restart());
      for (const exchange of within) {
        await cast.release(exchange);
        await exchange.gives('ok', 'released');
      }
      await cast.reachAll();
      await give(cast, everyDirection(cast), 'ok');
    },
  },
  {
    name: 'a process is killed, and its id comes back elsewhere',
    hasFault: true,
    run: async (cast) => {
      const there = cast.clients('c').map((client) => cast.idOf(client));
      const generated = cast.idOf('c1');
      await cast.connect('c', 'cora', 'cora');
      await give(cast, everyDirection(cast), 'ok');
      const inFlight = await cast.askAll([
        hold(cast.node('a1'), 'server', 'c1', SHORT_MS),
        hold(cast.server('a'), 'remoteClient', 'cleo', SHORT_MS),
        hold(cast.node('ada'), 'server', 'cleo', SHORT_MS),
      ]);
      await allRun(inFlight);

      await cast.crash('c');
      for (const exchange of inFlight) await exchange.gives('timeout/unknown');
      await give(cast, throughSwarm(cast, 'a', there), 'unreachable/no');
      await give(cast, throughSwarm(cast, 'a', cast.clients()), 'ok');

      await cast.start('d');
      await cast.connect('d', 'd1');
      await cast.connect('d', 'cleo', 'cléo');
      // Nobody has asked for this one meanwhile, and only `a` for anything in that process.
      await cast.connect('d', 'cora', 'cora');
      await give(cast, everyDirection(cast), 'ok');
      for (const actor of cast.actors) {
        await give(cast, throughSwarm(cast, actor, [generated]), 'unreachable/no');
      }
    },
  },
  {
    name: 'a server is closed',
    run: async (cast) => {
      const [, actor = ''] = cast.actors;
      const clients = cast.clients(actor);
      const there = clients.map((client) => cast.idOf(client));
      const inFlight = await cast.ask(hold(cast.node('a1'), 'server', clients[0]));
      await inFlight.runs();

      await cast.close(actor);
      for (const name of clients) await cast.sees('closed', ({ client }) => client === name);
      await inFlight.gives('closed/unknown');
      // A broker may learn of it a moment later.
      for (const id of there) await cast.reach(id, 'unreachable/no');
      for (const other of cast.actors) {
        await give(cast, throughSwarm(cast, other, there), 'unreachable/no');
      }
      await give(cast, everyDirection(cast), 'ok');
    },
  },
];
