import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { Host, open, start, WAYS } from './fixture.ts';

describe.runIf(requireBroker('nats')).each(WAYS)('a link over %s', (_name, swarmAt) => {
  it('is lost once when its server is killed amid traffic, and leaves nothing pending', async () => {
    const broker = await start();
    const host = new Host();
    const link = await open(swarmAt(broker.url), host);
    const subscribed: Promise<PromiseSettledResult<void>[]>[] = [];
    let count = 0;
    const traffic = () => {
      count += 1;
      for (let i = 0; i < 20; i += 1) link.publish(host.inbox, new Uint8Array(1_000), 0);
      for (let i = 1; i <= 20; i += 1) link.publish(`swarm.n.${count}`, new Uint8Array(10), i);
      subscribed.push(Promise.allSettled([link.subscribe([`swarm.n.chosen${count}`])]));
    };
    const timer = setInterval(traffic, 1);

    await host.until(({ heard, verdicts }) => heard.length > 1_000 && verdicts.length > 1_000);
    await broker.kill();
    await host.until(({ losses }) => losses.length > 0);
    traffic();
    clearInterval(timer);

    // All of them, whether the server had confirmed them or never will.
    const settled = (await Promise.all(subscribed)).flat();
    expect(settled.at(-1)).toMatchObject({ reason: { subtype: 'closed', delivered: 'no' } });
    await link.close();
    expect(host.losses).toHaveLength(1);
    expect(host.losses[0]).toMatchObject({ subtype: 'closed', delivered: 'unknown' });
  });

  it('is lost while it waits for a server that hangs and is killed', async () => {
    const broker = await start();
    const host = new Host();
    const link = await open(swarmAt(broker.url), host);
    await broker.pause();

    const waiting = [link.subscribe(['swarm.n.a']), link.unsubscribe(['swarm.n.b'])];
    const settled = Promise.allSettled(waiting);
    await broker.kill();

    for (const { status } of await settled) expect(status).toBe('rejected');
    expect(host.losses).toHaveLength(1);
  });

  it('sends nothing that was published after its loss to a server that came back', async () => {
    const broker = await start();
    const host = new Host();
    const link = await open(swarmAt(broker.url), host);

    await broker.kill();
    for (let i = 0; host.losses.length === 0; i += 1) {
      link.publish('swarm.n.late', Uint8Array.of(i), 0);
      await host.until(({ losses }) => losses.length > 0);
    }
    for (let i = 0; i < 100; i += 1) link.publish('swarm.n.late', Uint8Array.of(i), 0);
    await broker.restart();
    const later = new Host('swarm.n.late');
    const other = await open(swarmAt(broker.url), later);
    await link.close();
    await other.subscribe([]);

    expect(later.heard).toEqual([]);
  });
});
