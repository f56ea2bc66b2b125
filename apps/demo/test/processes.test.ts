import { requireBroker, startBroker } from '@swarm/conformance/brokers';
import { swarm1 } from '@swarm/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Arena } from '../src/arena.ts';
import type { Place } from '../src/contract.ts';
import { join, type Player } from '../src/player.ts';
import { addressOf, buildDemo, isRunning, pidsOf, removeDemo, runDemo } from './demo-process.ts';

const PATIENCE = { timeout: 10_000 };

let folder: string;

beforeAll(async () => {
  folder = await buildDemo();
}, 60_000);

afterAll(() => removeDemo(folder));

type Address = Pick<Arena, 'url'>;

/** A client that says where its node lives. */
interface Guest extends Player {
  place: Place | null;
}

async function enter(address: Address, name: string): Promise<Guest> {
  const player = await join(address, '', name, swarm1);
  onTestFinished(() => player.client.close());
  const guest: Guest = { ...player, place: null };
  player.client.on('place', (_ctx, place) => {
    guest.place = place;
  });
  player.client.on('question', (_ctx, text, from) => `${name} to ${from}: ${text}`);
  return guest;
}

/** As often as it takes to get in where it is right. */
async function enterWhere(
  address: Address,
  name: string,
  isRight: (player: Player) => boolean,
): Promise<Guest> {
  for (let tries = 0; tries < 24; tries += 1) {
    const guest = await enter(address, name);
    if (isRight(guest)) return guest;
    guest.client.close();
  }
  throw new Error('no process is the right one');
}

it('says what is missing when there is nothing between the processes', async () => {
  const demo = runDemo(folder, ['--check', '--processes', '3']);

  expect(await demo.exited).toBe(1);
  expect(demo.output).toMatch(/^demo: memory .* --broker redis, nats or amqp/);
});

for (const kind of ['redis', 'nats'] as const) {
  describe.runIf(requireBroker(kind))(`three processes on ${kind}`, () => {
    it('answer every kind of request rightly, a third of them each other', async () => {
      const demo = runDemo(folder, ['--check', '--processes', '3', '--broker', kind]);

      expect(await demo.exited, demo.output).toBe(0);
      const summary = /^demo: (\d+) requests, (\d+) between 3 processes, 0 failed$/m;
      const [, requests, crossing] = summary.exec(demo.output) ?? [];
      expect(Number(requests)).toBeGreaterThan(360);
      expect(Number(crossing) * 3).toBeGreaterThanOrEqual(Number(requests));
    }, 30_000);

    it('replace one that was killed, and its clients come back to the others', async () => {
      const demo = runDemo(folder, ['--processes', '3', '--broker', kind, '--port', '0']);
      const address = await addressOf(demo);
      const ada = await enter(address, 'ada');
      const bob = await enterWhere(address, 'bob', ({ server }) => server !== ada.server);
      const cyd = await enterWhere(address, 'cyd', ({ server }) => server === ada.server);

      process.kill(ada.pid, 'SIGKILL');
      cyd.client.close();

      // The others see her somewhere else, cyd nowhere, and another process in the place of theirs.
      await expect.poll(() => ada.place?.server, PATIENCE).toBeDefined();
      const { id, server } = await ada.client.call.whoami();
      await expect
        .poll(() => bob.client.call.roster(), PATIENCE)
        .toContainEqual({ id, server, isSimulated: false });
      const pidOfHers = () => bob.place?.servers.find(({ name }) => name === ada.server)?.pid;
      await expect.poll(() => pidOfHers() ?? ada.pid, PATIENCE).not.toBe(ada.pid);
      const roster = await bob.client.call.roster();
      expect(roster.map((member) => member.id)).not.toContain('cyd');
      expect(await bob.client.call.ask('ada', 'hello')).toBe('ada to bob: hello');
      const dan = await enterWhere(address, 'dan', (player) => player.server === ada.server);
      expect(dan.pid).toBe(pidOfHers());
      expect(await bob.client.call.ask('dan', 'hi')).toBe('dan to bob: hi');
    }, 40_000);

    it('go on without their broker, say so, and find each other again', async () => {
      const broker = await startBroker(kind);
      onTestFinished(() => broker.stop());
      const args = ['--processes', '3', '--port', '0'];
      const address = await addressOf(runDemo(folder, args, { SWARM_URL: broker.url }));
      const ada = await enter(address, 'ada');
      const bob = await enterWhere(address, 'bob', ({ server }) => server !== ada.server);
      expect(await ada.client.call.ask('bob', 'one')).toBe('bob to ada: one');

      await broker.kill();

      await expect.poll(() => ada.place?.isLinked, PATIENCE).toBe(false);
      expect(await ada.client.call.add(1, 2)).toBe(3);
      const asked = await ada.client.call.ask.safe('bob', 'two');
      expect(asked).toMatchObject({ ok: false, error: { data: { delivered: 'no' } } });
      expect(await ada.client.call.roster()).toContainEqual(await bob.client.call.whoami());

      await broker.restart();

      await expect.poll(() => ada.place?.isLinked, PATIENCE).toBe(true);
      const ask = () => ada.client.call.ask.safe('bob', 'three');
      await expect.poll(ask, PATIENCE).toEqual({ ok: true, result: 'bob to ada: three' });
      expect(await ada.client.call.roster()).toContainEqual(await bob.client.call.whoami());
    }, 40_000);
  });
}

describe.runIf(requireBroker('redis'))('the processes', () => {
  it.each([
    ['Ctrl+C, which reaches them all', 'SIGINT', true],
    ['the end of the first one', 'SIGTERM', false],
  ] as const)(
    'end by %s, and leave nobody behind',
    async (_how, signal, isForAll) => {
      const demo = runDemo(folder, ['--processes', '3', '--broker', 'redis', '--port', '0']);
      await addressOf(demo);
      const pids = pidsOf(demo);

      demo.child.kill(signal);
      if (isForAll) for (const pid of pids) process.kill(pid, signal);

      expect(await demo.exited, demo.output).toBe(0);
      expect(pids).toHaveLength(3);
      expect(pids.filter(isRunning)).toEqual([]);
    },
    30_000,
  );

  it('end with the first one, though that is killed', async () => {
    const demo = runDemo(folder, ['--processes', '3', '--broker', 'redis', '--port', '0']);
    await addressOf(demo);
    const pids = pidsOf(demo);

    demo.child.kill('SIGKILL');

    await demo.exited;
    await expect.poll(() => pids.filter(isRunning), PATIENCE).toEqual([]);
  }, 30_000);

  it('do not start where the port is taken, and say so', async () => {
    const first = runDemo(folder, ['--processes', '2', '--broker', 'redis', '--port', '0']);
    const port = new URL((await addressOf(first)).url('', 'x')).port;
    const second = runDemo(folder, ['--processes', '2', '--broker', 'redis', '--port', port]);

    expect(await second.exited).toBe(1);
    expect(second.output).toContain('the port is taken');
  }, 30_000);
});
