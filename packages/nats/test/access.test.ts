import { readFileSync } from 'node:fs';
import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { nats } from '../src/index.ts';
import { Host, open, start } from './fixture.ts';

/** The permissions that the README asks for. */
function template(): string[] {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, block = ''] = /```\n(authorization [^`]*)```/.exec(readme) ?? [];
  return block.replace('$ARENA_PASSWORD', 'hunter2').split('\n');
}

describe.runIf(requireBroker('nats'))('with the rights of the README', () => {
  const LOGIN = { user: 'arena', pass: 'hunter2' };

  async function openArena() {
    const broker = await start({ config: template() });
    const host = new Host('arena.p.one');
    const swarm = nats(broker.url, { ...LOGIN, inboxPrefix: '_INBOX_arena' });
    return { broker, host, link: await open(swarm, host) };
  }

  it('a link does all that it has to', async () => {
    const { host, link } = await openArena();
    await link.subscribe(['arena.n.chosen=20id']);

    link.publish('arena.p.one', Buffer.from('inbox'), 1);
    link.publish('arena.n.chosen=20id', Buffer.from('chosen'), 2);
    link.publish('arena.n.nobody', Buffer.from('lost'), 3);
    await host.until(({ heard, verdicts }) => heard.length === 2 && verdicts.length === 1);

    expect(host.texts).toEqual(['arena.p.one: inbox', 'arena.n.chosen=20id: chosen']);
    expect(host.verdicts).toEqual([3]);
  });

  it('it does nothing in another namespace, and goes on', async () => {
    const { host, link } = await openArena();

    const refused = link.subscribe(['arena.n.a', 'other.n.b', 'arena.n.c']);
    await expect(refused).rejects.toMatchObject({ subtype: 'forbidden', delivered: 'no' });
    link.publish('other.n.b', Buffer.from('nowhere'), 1);
    link.publish('arena.n.a', Buffer.from('left, with those it came with'), 2);
    link.publish('arena.p.one', Buffer.from('inbox'), 3);
    await host.until(({ heard, verdicts }) => heard.length === 1 && verdicts.length === 1);

    expect([host.texts, host.verdicts, host.losses]).toEqual([['arena.p.one: inbox'], [2], []]);
  });

  it('no link is made without them: to its inbox, or to its verdicts', async () => {
    const { broker } = await openArena();
    const elsewhere = nats(broker.url, { ...LOGIN, inboxPrefix: '_INBOX_arena' });
    const otherwise = nats(broker.url, LOGIN);

    await expect(elsewhere.connect(new Host('other.p.one'))).rejects.toMatchObject({
      subtype: 'forbidden',
      message: expect.stringMatching(/^nats:\/\/[\d.:]+: [^/]*"other\.p\.one"/),
    });
    await expect(otherwise.connect(new Host('arena.p.one'))).rejects.toMatchObject({
      subtype: 'forbidden',
      message: expect.stringContaining('_INBOX.'),
    });
  });
});

describe.runIf(requireBroker('nats'))('with other limits', () => {
  it('a link that may not publish to itself is lost, and says why', async () => {
    const broker = await start({
      config: [
        'authorization { users: [{ user: a, password: b, permissions: { publish: "x.>" } }] }',
      ],
    });
    const host = new Host();
    const link = await open(nats(broker.url, { user: 'a', pass: 'b' }), host);

    link.publish(host.inbox, new Uint8Array(), 0);
    await host.until(({ losses }) => losses.length > 0);

    expect(host.losses).toEqual([expect.objectContaining({ subtype: 'forbidden' })]);
  });

  it('one subscription too many is refused, with those that came with it', async () => {
    const broker = await start({ config: ['max_subscriptions: 3'] });
    const host = new Host();
    const link = await open(nats(broker.url), host);

    const refused = link.subscribe(['swarm.n.a', 'swarm.n.b']);
    await expect(refused).rejects.toMatchObject({ subtype: 'overloaded', delivered: 'no' });
    await link.subscribe(['swarm.n.c']);
    link.publish('swarm.n.a', Buffer.from('a'), 1);
    link.publish('swarm.n.c', Buffer.from('c'), 2);
    await host.until(({ heard, verdicts }) => heard.length === 1 && verdicts.length === 1);

    expect([host.texts, host.verdicts, host.losses]).toEqual([['swarm.n.c: c'], [1], []]);
  });

  it('a server that takes less than frames is refused', async () => {
    const broker = await start({ config: ['max_payload: 65536'] });

    await expect(nats(broker.url).connect(new Host())).rejects.toThrow(/65536.*524288/);
    await open(nats(broker.url), new Host('swarm.p.modest', 65_536));
  });
});
