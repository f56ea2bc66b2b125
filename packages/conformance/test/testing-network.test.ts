import { describe, expect, it } from 'vitest';
import { testSwarm } from '../src/testing/index.ts';
import { ending, newSwarm, twoServers } from './testing-swarm.ts';

describe('a server whose network is cut', () => {
  it('loses what is in flight and what it sends, and nothing else', async () => {
    const swarm = newSwarm();
    const { here, there, ada, served } = await twoServers(swarm);
    here.client.on('local', () => 'still here');
    const { client } = await swarm.client(here);
    expect(await here.send('ada', 'count')).toBe(1);

    const inFlight = ending(here.send('ada', 'slow'));
    await swarm.clock.advance(10);
    const notSent = ending(here.send('ada', 'count'));
    swarm.network.cut(here);
    const afterwards = ending(here.send('ada', 'count'));
    expect(here.isLinked).toBe(false);

    expect(await inFlight).toBe('closed/unknown');
    expect([await notSent, await afterwards]).toEqual(['closed/no', 'closed/no']);
    expect(await client.send('local')).toBe('still here');
    expect(await there.send('ada', 'count')).toBe(2);
    expect([there.isLinked, ada.client.isOpen, served()]).toEqual([true, true, 2]);
  });

  it('cannot be asked, and says so', async () => {
    const swarm = newSwarm();
    const { here, there } = await twoServers(swarm);
    const other = await swarm.client(here, { id: 'other' });
    here.on('count', () => 1);
    expect(await there.send('other', 'count')).toBe(1);

    swarm.network.cut(here);

    expect(await ending(there.send('other', 'count'))).toBe('unreachable/no');
    expect(other.client.isOpen).toBe(true);
  });

  it('does not come back before it is healed, and then by itself', async () => {
    const swarm = newSwarm();
    const { here } = await twoServers(swarm);
    const attempts: number[] = [];
    here.events.on('relinking', ({ attempt }) => attempts.push(attempt));

    swarm.network.cut(here);
    await swarm.clock.advance(60_000);
    expect(here.isLinked).toBe(false);
    expect(attempts.length).toBeGreaterThan(50);

    swarm.network.heal(here);
    await swarm.clock.advance(2_000);
    expect([here.isLinked, await here.send('ada', 'count')]).toEqual([true, 1]);
  });

  it('comes back within 2 s, whatever the seed', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      await using swarm = testSwarm({ seed });
      const { here } = await twoServers(swarm);

      swarm.network.cut(here);
      await swarm.clock.advance(10_000 + seed);
      swarm.network.heal(here);
      await swarm.clock.advance(2_000);

      expect(here.isLinked).toBe(true);
    }
  });

  it('may be cut by a handler of its own', async () => {
    const swarm = newSwarm();
    const { here, there } = await twoServers(swarm);
    there.on('cut', () => swarm.network.cut(there));

    // The caller's own link is well, so it waits for an answer that cannot come.
    const asked = ending(here.with({ timeoutMs: 1_000 }).send('ada', 'cut'));
    await swarm.clock.advance(1_100);

    expect([await asked, there.isLinked, here.isLinked]).toEqual(['timeout/unknown', false, true]);
  });
});

describe('messages on their way', () => {
  it.each([
    { where: 'to the swarm', afterMs: 15, runs: 1 },
    { where: 'to the other server', afterMs: 25, runs: 2 },
    { where: 'back from there', afterMs: 75, runs: 2 },
  ])('are lost when the network is cut while they are on the way $where', async (at) => {
    const swarm = newSwarm();
    const { here, served } = await twoServers(swarm);
    await here.send('ada', 'count');
    swarm.network.latency(20);

    const asked = ending(here.send('ada', 'count'));
    await swarm.clock.advance(at.afterMs);
    swarm.network.cut(here);
    await swarm.clock.advance(1_000);

    expect([await asked, served()]).toEqual(['closed/unknown', at.runs]);
  });
});

describe('a server whose network is dropped', () => {
  it('finds out by its heartbeat, and until then by nothing', async () => {
    const swarm = newSwarm();
    const { here } = await twoServers(swarm);
    const unlinked: number[] = [];
    here.events.on('unlinked', () => unlinked.push(swarm.clock.nowMs));

    swarm.network.drop(here);
    const asked = ending(here.with({ timeoutMs: 500 }).send('ada', 'count'));
    await swarm.clock.advance(600);
    expect([await asked, here.isLinked]).toEqual(['timeout/unknown', true]);
    const inFlight = ending(here.send('ada', 'count'));
    await swarm.clock.advance(2_400);

    expect(await inFlight).toBe('closed/unknown');
    expect([here.isLinked, unlinked.length]).toEqual([false, 1]);
  });

  it.each([0, 100, 500, 999, 1_000])('finds out within 3 s of a drop after %d ms', async (ms) => {
    const swarm = newSwarm();
    const { here } = await twoServers(swarm);
    await swarm.clock.advance(ms);

    swarm.network.drop(here);
    await swarm.clock.advance(3_000);

    expect(here.isLinked).toBe(false);
  });

  it('is not heard of for 30 s, and then not known any more', async () => {
    const swarm = newSwarm();
    const { here, there, served } = await twoServers(swarm);
    const ask = async () => {
      const asked = ending(here.with({ timeoutMs: 500 }).send('ada', 'count'));
      await swarm.clock.advance(600);
      return asked;
    };
    expect(await ask()).toBe(1);

    swarm.network.drop(there);
    expect(await ask()).toBe('timeout/unknown');
    await swarm.clock.advance(28_000);
    expect(await ask()).toBe('timeout/unknown');
    await swarm.clock.advance(2_000);
    expect(await ask()).toBe('unreachable/no');
    expect(served()).toBe(1);
  });

  it('does not get its dead connection back, but a new one', async () => {
    const swarm = newSwarm();
    const { here } = await twoServers(swarm);

    swarm.network.drop(here);
    swarm.network.heal(here);
    const asked = ending(here.with({ timeoutMs: 500 }).send('ada', 'count'));
    await swarm.clock.advance(600);
    expect(await asked).toBe('timeout/unknown');
    await swarm.clock.advance(10_000);

    expect([here.isLinked, await here.send('ada', 'count')]).toEqual([true, 1]);
  });

  it('does not get a new id through, either', async () => {
    const swarm = newSwarm();
    const { here, there } = await twoServers(swarm);

    swarm.network.drop(there);
    const joining = swarm.client(there, { id: 'late' });
    await swarm.clock.advance(0);
    expect(await ending(here.send('late', 'count'))).toBe('unreachable/no');

    // Once the server has noticed, the node is there for its own client.
    expect((await joining).client.id).toBe('late');
    expect(there.isLinked).toBe(false);
  });

  it('gets nothing through while it dials, either', async () => {
    const swarm = newSwarm();
    const { here } = await twoServers(swarm);

    swarm.network.drop(here);
    await swarm.clock.advance(60_000);
    expect(here.isLinked).toBe(false);
    swarm.network.heal(here);
    await swarm.clock.advance(5_000);

    expect(here.isLinked).toBe(true);
  });
});
