import { createServer, type Server } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { type TestSwarm, testSwarm } from '../src/testing/index.ts';

/** A swarm in which much is going on. */
async function busySwarm(seed = 1): Promise<{ swarm: TestSwarm; log: string[] }> {
  const swarm = testSwarm({ seed });
  const log: string[] = [];
  const say = (what: string) => log.push(`${swarm.clock.nowMs} ${what}`);
  const servers: Server[] = [await swarm.server(), await swarm.server(), await swarm.server()];
  for (const [index, server] of servers.entries()) {
    server.on('ask', (ctx) => swarm.clock.sleep(50).then(() => `${ctx.node.id} for ${ctx.sender}`));
    server.events.on('joined', (id) => say(`${index} has ${id}`));
    server.events.on('left', (id, reason) => say(`${index} has lost ${id}: ${reason}`));
    server.events.on('relinking', ({ delayMs }) => say(`${index} links in ${delayMs}`));
    server.events.on('linked', () => say(`${index} is linked`));
  }
  for (const [index, server] of [...servers, ...servers].entries()) {
    const { client, node } = await swarm.client(server, index < 3 ? { id: `user ${index}` } : {});
    say(`client ${index} is ${client.id}`);
    client.events.on('reconnecting', ({ delayMs }) => say(`client ${index} dials in ${delayMs}`));
    node.send('user 1', 'ask').then(
      (answer) => say(`${answer}`),
      (error) => say(`client ${index}: ${error}`),
    );
    if (index % 2 === 0) swarm.network.cut(client);
  }
  swarm.network.cut(servers[1] as Server);
  swarm.network.drop(servers[2] as Server);
  await swarm.clock.advance(20_000);
  return { swarm, log };
}

describe('the same seed', () => {
  it('gives the same trace, and another seed another', async () => {
    const logs: string[][] = [];
    for (const seed of [7, 7, 8]) {
      const { swarm, log } = await busySwarm(seed);
      await swarm.close();
      logs.push(log);
    }

    expect(logs[0]?.length).toBeGreaterThan(40);
    expect(logs[1]).toEqual(logs[0]);
    expect(logs[2]).not.toEqual(logs[0]);
  });

  it('gives every end chance of its own, which none of the others disturbs', async () => {
    const idOf = async (others: number) => {
      await using swarm = testSwarm();
      const server = await swarm.server();
      swarm.runtime.randomBytes(others);
      return (await swarm.client(server)).client.id;
    };
    await using swarm = testSwarm();
    const bytes = [swarm.runtime.randomBytes(16), swarm.runtime.randomBytes(16)];
    const [a, b] = [await swarm.server(), await swarm.server()];
    const ids = [(await swarm.client(a)).client.id, (await swarm.client(b)).client.id];

    expect(await idOf(100)).toBe(await idOf(0));
    expect(bytes[0]).not.toEqual(bytes[1]);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('close', () => {
  it('ends everything, whatever was going on', async () => {
    const { swarm } = await busySwarm();
    const server = await swarm.server();
    const { client, node } = await swarm.client(server);
    const asked = client.send('any');
    const outcome = expect(asked).rejects.toMatchObject({ subtype: 'closed' });

    await swarm.close();

    await outcome;
    expect([server.isOpen, node.isOpen, client.isOpen]).toEqual([false, false, false]);
    const { nowMs } = swarm.clock;
    const late: string[] = [];
    swarm.runtime.setTimer(() => late.push('late'), 0);
    await swarm.clock.advance(60_000);
    expect([late, swarm.clock.nowMs]).toEqual([[], nowMs + 60_000]);
  });

  it('is idempotent, and lets nobody in afterwards', async () => {
    const swarm = testSwarm();
    const server = await swarm.server();

    await Promise.all([swarm.close(), swarm.close(), swarm[Symbol.asyncDispose]()]);

    await expect(swarm.server()).rejects.toThrow(TypeError);
    await expect(swarm.client(server)).rejects.toThrow(TypeError);
  });

  it('says what is left of a server that nobody could close', async () => {
    const swarm = testSwarm();
    await swarm.server(async (place) => {
      await createServer(place);
      return createServer(place);
    });

    await expect(swarm.close()).rejects.toThrow(
      'left after the close: server 1 has timers (1), server 1 has a link',
    );
  });

  it('says what is left of a socket to such a server', async () => {
    const swarm = testSwarm();
    const hidden: Server[] = [];
    await swarm.server(async (place) => {
      hidden.push(await createServer(place));
      return createServer(place);
    });
    const { client } = await swarm.client(() => hidden[0] as Server);

    swarm.network.drop(client);

    await expect(swarm.close()).rejects.toThrow('client 1 has a socket');
  });

  it('forgets timers of the application, such as that of a handler that sleeps', async () => {
    const swarm = testSwarm();
    const server = await swarm.server();
    const awake: string[] = [];
    server.client.on('slow', () => swarm.clock.sleep(60_000).then(() => awake.push('awake')));
    const { client } = await swarm.client(server);
    void client.send('slow').catch(() => {});
    await swarm.clock.advance(1_000);

    await swarm.close();
    await swarm.clock.advance(60_000);

    expect(awake).toEqual([]);
  });
});
