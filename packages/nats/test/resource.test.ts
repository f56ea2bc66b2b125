import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { Host, start, WAYS } from './fixture.ts';

/** Less than one for each of a hundred; some are the test runner's own, and come and go. */
const STRAY_MAX = 10;

/** How much there is that keeps the process alive, or is called by it. */
function resources(): number {
  const names = process.eventNames();
  const listeners = names.reduce((sum, name) => sum + process.listenerCount(name), 0);
  return process.getActiveResourcesInfo().length + listeners;
}

describe.runIf(requireBroker('nats')).each(WAYS)('over %s', (_name, swarmAt) => {
  it('100 links leave neither socket nor timer nor listener behind', async () => {
    const broker = await start();
    const swarm = swarmAt(broker.url);
    await cycle(0);
    const before = resources();

    for (let i = 1; i <= 100; i += 1) await cycle(i);

    expect(resources() - before).toBeLessThan(STRAY_MAX);

    async function cycle(i: number): Promise<void> {
      const host = new Host(`swarm.p.${i}`);
      const link = await swarm.connect(host);
      await link.subscribe(['swarm.n.a', 'swarm.n.b']);
      link.publish('swarm.n.a', new Uint8Array(10), 1);
      link.publish(`swarm.n.nobody${i}`, new Uint8Array(10), 2);
      await host.until(({ heard, verdicts }) => heard.length === 1 && verdicts.length === 1);
      await link.close();
    }
  });

  it('100 attempts in vain leave nothing behind either', async () => {
    const swarm = swarmAt('nats://127.0.0.1:1');
    const before = resources();

    for (let i = 0; i < 100; i += 1) await expect(swarm.connect(new Host())).rejects.toThrow();

    expect(resources() - before).toBeLessThan(STRAY_MAX);
  });
});
