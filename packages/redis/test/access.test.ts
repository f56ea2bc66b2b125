import { readFileSync } from 'node:fs';
import { requireBroker, startCluster } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { redis } from '../src/index.ts';
import { admin, failure, Host, open, refusal, startRedis, stopAfter } from './fixture.ts';

/** As the README has it; with it, the tests know what it lets nobody do. */
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [RULE = '', CLUSTER_RULE = ''] =
  README.match(/^user .*$/gm)?.map((rule) => {
    return rule.replace('a-long-password', 's3cret');
  }) ?? [];

describe.runIf(requireBroker('redis'))('the access rule of the README', () => {
  const start = () => startRedis({ config: [RULE] });

  it('lets a link do all it does', async () => {
    const { port } = await start();
    const { host, link } = await open(redis(`redis://swarm:s3cret@127.0.0.1:${port}`));

    await link.subscribe(['swarm.n.1', 'swarm.n.2']);
    link.publish('swarm.n.1', Buffer.from('x'), 1);
    link.publish(host.inbox, Buffer.from('x'), 2);
    await host.hears(2);
    await link.unsubscribe(['swarm.n.1']);
    link.publish('swarm.n.1', Buffer.from('x'), 3);
    await host.until(() => host.verdicts.length > 0);
    await link.close();

    expect(host.verdicts).toEqual([3]);
    expect(await admin({ port }).acl('LOG')).toEqual([]);
  });

  it('lets it do nothing else', async () => {
    const { port } = await start();
    const user = admin({ port });
    await user.auth('swarm', 's3cret');

    const forbidden = [
      ...[
        ['GET', 'x'],
        ['CONFIG', 'GET', '*'],
        ['KEYS', '*'],
        ['INFO'],
        ['CLIENT', 'LIST'],
        ['ROLE'],
      ],
      ...[
        ['PSUBSCRIBE', 'swarm.*'],
        ['SUBSCRIBE', 'other'],
        ['PUBLISH', 'other', 'x'],
      ],
      ...[
        ['PUBSUB', 'CHANNELS'],
        ['EVAL', 'return 1', '0'],
      ],
    ];
    for (const [name = '', ...args] of forbidden) {
      await expect(user.call(name, ...args), name).rejects.toThrow('NOPERM');
    }
  });

  it('refuses foreign channels without ending the link', async () => {
    const { port } = await start();
    const { host, link } = await open(redis(`redis://swarm:s3cret@127.0.0.1:${port}`));

    const error = await failure(link.subscribe(['other']));
    link.publish('other', Buffer.from('x'), 1);
    await host.until(() => host.verdicts.length > 0);
    await link.subscribe(['swarm.n.1']);
    link.publish('swarm.n.1', Buffer.from('x'), 2);
    await host.hears(1);

    expect(error).toMatchObject({ subtype: 'forbidden', delivered: 'no' });
    expect([host.verdicts, host.losses]).toEqual([[1], []]);
  });

  it('says so when it lacks something a link needs', async () => {
    const { port } = await start();
    const watch = admin({ port });
    const url = `redis://swarm:s3cret@127.0.0.1:${port}`;

    for (const command of ['publish', 'subscribe']) {
      await watch.acl('SETUSER', 'swarm', `-${command}`);
      const { message } = await refusal(url);
      await watch.acl('SETUSER', 'swarm', `+${command}`);

      expect(message).toContain(`redis://127.0.0.1:${port}: NOPERM`);
      expect(message).toContain(`'${command}'`);
    }
    await watch.acl('SETUSER', 'swarm', 'resetchannels', '&other.*');
    expect((await refusal(url)).message).toContain('NOPERM');
  });
});

describe.runIf(requireBroker('redis'))('the access rule of the README for a Cluster', () => {
  it('lets a link do all it does, and nothing with foreign channels', async () => {
    const cluster = await startCluster('redis');
    stopAfter(() => cluster.stop());
    const watches = cluster.nodes.map(admin);
    const [, user = '', ...rules] = CLUSTER_RULE.split(' ');
    for (const watch of watches) await watch.acl('SETUSER', user, ...rules);
    const url = cluster.url.replace('//', `//${user}:s3cret@`);

    const { host, link } = await open(redis(url));
    await link.subscribe(['swarm.n.1', 'swarm.n.2']);
    link.publish('swarm.n.1', Buffer.from('x'), 1);
    await host.hears(1);
    await link.unsubscribe(['swarm.n.1']);
    link.publish('swarm.n.1', Buffer.from('x'), 2);
    await host.until(() => host.verdicts.length > 0);
    await link.close();

    expect(host.verdicts).toEqual([2]);
    for (const watch of watches) expect(await watch.acl('LOG')).toEqual([]);
    const foreign = redis(url).connect(new Host({ namespace: 'other' }));
    expect((await failure(foreign)).message).toContain('NOPERM');
  });
});
