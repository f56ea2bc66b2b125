import { setTimeout as sleep } from 'node:timers/promises';
import type { Cast } from '../stage/cast.ts';
import type { Wire } from '../stage/wire.ts';
import { echo, everyDirection, give, hold, type Step, throughSwarm } from './step.ts';

/** How long the broker stands still, in ms. */
const PAUSE_MS = 5_000;
/** Longer than a handler needs to begin, in ms. */
const SHORT_MS = 3_000;

/** What goes through the swarm fails, and what does not is as ever. */
async function isAlone(cast: Cast, actor: string): Promise<void> {
  const own = cast.clients(actor);
  const others = cast.clients().filter((client) => !own.includes(client));
  await give(cast, throughSwarm(cast, actor, others), 'closed/no');
  await give(cast, throughSwarm(cast, actor, own), 'ok');
}

async function isWhole(cast: Cast): Promise<void> {
  await cast.reachAll();
  await give(cast, everyDirection(cast), 'ok');
}

/** All actors ask this client and its node. */
async function askAbout(cast: Cast, client: string): Promise<void> {
  const lines = cast.actors.flatMap((actor) => throughSwarm(cast, actor, [client]));
  await give(cast, lines, 'ok');
}

/** The id of `client` has another owner by now, and the first one is told as it comes back. */
async function isReplaced(cast: Cast, client: string, back: () => Promise<void>): Promise<void> {
  await back();
  await cast.sees('closed', (entry) => entry.client === client);
  cast.forget(client);
  await cast.reachAll();
}

/**
 * One direction of the wire of `a` is dead: `a` finds out, and asks nobody in vain any more. What
 * others ask it is answered by nobody until it is back.
 */
async function oneWay(cast: Cast, drop: (wire: Wire) => void): Promise<void> {
  const fromIt = await cast.ask(hold(cast.node('a1'), 'server', 'b1'));
  const toIt = await cast.ask(hold(cast.node('b1'), 'remoteClient', 'ada', SHORT_MS));
  for (const exchange of [fromIt, toIt]) await exchange.runs();

  const wire = cast.wire('a');
  const unlinked = cast.eachSees('unlinked', () => drop(wire), ['a']);
  const laterFromIt = await cast.ask(echo(cast.node('a1'), 'server', 'b1'));
  const toItNow = { ...echo(cast.node('b1'), 'server', 'a1'), timeoutMs: SHORT_MS };
  const laterToIt = await cast.ask(toItNow);
  await unlinked;
  for (const exchange of [fromIt, laterFromIt]) await exchange.gives('closed/unknown');
  for (const exchange of [toIt, laterToIt]) await exchange.gives('timeout/unknown');
  await toIt.aborts();
  await isAlone(cast, 'a');
  // Nobody else is harmed.
  const others = cast.actors.filter((actor) => actor !== 'a');
  const theirs = others.flatMap((actor) => cast.clients(actor));
  await give(
    cast,
    others.flatMap((actor) => throughSwarm(cast, actor, theirs)),
    'ok',
  );

  wire.cut();
  await cast.eachSees('linked', () => wire.pass(), ['a']);
  await isWhole(cast);
  // Nobody could tell `b1` that its answer is not wanted: now it comes, and is for nobody.
  await cast.release(fromIt);
  await isWhole(cast);
}

export const PARTING: readonly Step[] = [
  {
    name: 'nothing gets from one process to the broker',
    hasFault: true,
    run: (cast) => oneWay(cast, (wire) => wire.dropToBroker()),
  },
  {
    name: 'nothing gets from the broker to one process',
    hasFault: true,
    run: (cast) => oneWay(cast, (wire) => wire.dropToClient()),
  },
  {
    name: 'an id has a new owner while its process is away',
    hasFault: true,
    run: async (cast) => {
      await cast.connect('a', 'dina 1', 'dina');
      await askAbout(cast, 'dina 1');
      const wire = cast.wire('a');
      await cast.eachSees('unlinked', () => {
        wire.refuse();
        wire.cut();
      }, ['a']);
      await cast.connect('c', 'dina 2', 'dina');
      await isReplaced(cast, 'dina 1', () => cast.eachSees('linked', () => wire.pass(), ['a']));
      await askAbout(cast, 'dina 2');
      await cast.disconnect('dina 2');
    },
  },
  {
    name: 'an id has a new owner while the broker is away',
    hasFault: true,
    run: async (cast) => {
      await cast.connect('a', 'edna 1', 'edna');
      await askAbout(cast, 'edna 1');
      await cast.eachSees('unlinked', () => cast.site.kill());
      await cast.connect('b', 'edna 2', 'edna');
      await isReplaced(cast, 'edna 1', () => cast.eachSees('linked', () => cast.site.restart()));
      await askAbout(cast, 'edna 2');
      await cast.disconnect('edna 2');
    },
  },
  {
    name: 'the broker stands still',
    hasFault: true,
    run: async (cast) => {
      const held = await cast.askAll([
        hold(cast.node('a1'), 'server', 'b1'),
        hold(cast.server('b'), 'remoteClient', 'ada'),
      ]);
      for (const exchange of held) await exchange.runs();
      const over = sleep(PAUSE_MS);
      await cast.eachSees('unlinked', () => cast.site.pause());
      for (const exchange of held) {
        await exchange.gives('closed/unknown');
        await exchange.aborts();
      }
      for (const actor of cast.actors) await isAlone(cast, actor);
      await over;
      await cast.eachSees('linked', () => cast.site.resume());
      await isWhole(cast);
    },
  },
];
