import { connect } from '@swarm/ws';
import { expect, it } from 'vitest';
import { type LocalArena, startArena } from '../src/arena.ts';
import { demo } from '../src/contract.ts';
import { startSimulation } from '../src/simulation.ts';

/** A thousand times as fast as people. */
const PACE_MS = 1;
const NAMES = ['clover', 'hazel', 'tansy'];

/** What keeps a process alive. */
function resources(): string {
  const kept = process.getActiveResourcesInfo();
  return kept.filter((kind) => /timeout|tcp|socket/i.test(kind)).join();
}

/** Each server has a node of its own besides, its hub. */
function clientsOf({ servers }: LocalArena): readonly string[] {
  const ids = [...servers.values()].flatMap(({ nodes }) => [...nodes.keys()]);
  return ids.filter((id) => !id.startsWith('hub.'));
}

it('joins, asks, answers, leaves, and leaves nothing behind', async () => {
  const before = resources();
  const arena = await startArena();
  const watcher = connect(arena.url('a', 'watcher'), { contract: demo });
  await watcher.ready();
  const seen = { joined: new Set<string>(), left: new Set<string>(), asking: new Set<string>() };
  watcher.on('joined', (_ctx, { id }) => void seen.joined.add(id));
  watcher.on('left', (_ctx, { id }) => void seen.left.add(id));
  watcher.on('asked', (_ctx, from) => void seen.asking.add(from));
  const questions: string[] = [];
  watcher.on('question', (_ctx, text) => {
    questions.push(text);
    return 'Yes.';
  });

  const stop = startSimulation({
    url: (name) => arena.url(name === 'hazel' ? 'b' : 'a', name),
    names: NAMES,
    paceMs: PACE_MS,
  });
  await expect.poll(() => seen.left.size, { timeout: 5_000 }).toBe(NAMES.length);
  await expect.poll(() => seen.asking.size, { timeout: 5_000 }).toBe(NAMES.length);
  await stop();

  expect([...seen.joined].sort()).toEqual(NAMES);
  // A visitor is asked once, and not by everybody.
  expect(questions).toHaveLength(1);
  await expect.poll(() => clientsOf(arena)).toEqual(['watcher']);
  watcher.close();
  await arena.close();
  await expect.poll(resources).toBe(before);
}, 15_000);

it('answers a visitor with something friendly', async () => {
  const arena = await startArena();
  const stop = startSimulation({
    url: (name) => arena.url('b', name),
    names: ['clover'],
    paceMs: 100,
  });
  await expect.poll(() => clientsOf(arena)).toEqual(['clover']);
  const visitor = connect(arena.url('a', 'visitor'), { contract: demo });

  const answer = await visitor.call.ask('clover', 'Hello!');

  expect(answer).toBe('Hello visitor, good to see you here.');
  visitor.close();
  await stop();
  await arena.close();
});

it('stops in the middle of anything', async () => {
  const arena = await startArena();
  const stop = startSimulation({ url: (name) => arena.url('a', name) });

  await stop();

  expect(clientsOf(arena)).toEqual([]);
  await arena.close();
});
