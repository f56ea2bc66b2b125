import { connect as connect3 } from '@nats-io/transport-node';
import { connect as connect2 } from 'nats';
import { describe, expect, it } from 'vitest';
import { type NatsConnection, nats } from '../src/index.ts';
import { Host, open, WAYS } from './fixture.ts';
import { INFO, Scripted } from './scripted.ts';

const REFUSED = (what: string, subject: string) =>
  `-ERR 'Permissions Violation for ${what} to "${subject}"'\r\n`;

describe.each(WAYS)('of what NATS says, over %s', (_name, swarmAt) => {
  async function openScripted() {
    const server = await Scripted.start();
    const host = new Host();
    const link = await open(swarmAt(server.url), host);
    /** What was said before has been heard when it resolves. */
    const heard = () => link.subscribe([]);
    return { server, host, link, heard };
  }

  it('a 503 is a verdict for the token of its subject', async () => {
    const { server, host, link } = await openScripted();
    server.onLine = (line) => noResponders(line, sidOf(server, '_INBOX.'));

    for (const token of [1, 35, 36, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      link.publish('swarm.n.nobody', new Uint8Array(3), token);
    }
    await host.until(({ verdicts }) => verdicts.length === 5);

    expect(host.verdicts).toEqual([1, 35, 36, 2 ** 32, Number.MAX_SAFE_INTEGER]);
  });

  it('no verdict is what only looks like one', async () => {
    const { server, host, link, heard } = await openScripted();
    link.publish('swarm.n.nobody', new Uint8Array(), 7);
    const [, , reply = ''] = (await server.hears('PUB swarm.n.nobody')).split(' ');
    const sid = sidOf(server, '_INBOX.');

    server.say(`MSG ${reply} ${sid} 0\r\n\r\n`);
    server.say(`HMSG ${reply} ${sid} 16 19\r\nNATS/1.0 503\r\n\r\nyes\r\n`);
    server.say(`HMSG ${reply} ${sid} 16 16\r\nNATS/1.0 408\r\n\r\n\r\n`);
    for (const end of ['-', '!', '0', 'nothing:']) {
      const subject = reply.slice(0, -1) + end;
      server.say(`HMSG ${subject} ${sid} 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`);
    }
    await heard();
    expect(host.verdicts.filter((token) => token !== Number.parseInt('nothing', 36))).toEqual([]);

    server.say(`HMSG ${reply} ${sid} 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`);
    await heard();
    expect(host.verdicts.at(-1)).toBe(7);
  });

  it('a token of 0 has no reply subject, and prefixes are of one link only', async () => {
    const { server, link } = await openScripted();
    const other = await open(swarmAt(server.url));

    link.publish('swarm.n.a', new Uint8Array(), 0);
    link.publish('swarm.n.b', new Uint8Array(), 1);
    other.publish('swarm.n.c', new Uint8Array(), 1);
    const [b = '', c = ''] = await Promise.all([
      server.hears('PUB swarm.n.b'),
      server.hears('PUB swarm.n.c'),
    ]);

    expect(await server.hears('PUB swarm.n.a')).toBe('PUB swarm.n.a 0');
    expect(b).toMatch(/^PUB swarm\.n\.b _INBOX\.[\w-]{16}\.1 0$/);
    expect(c.split(' ')[2]).not.toBe(b.split(' ')[2]);
  });

  it.each([
    ['ends the connection', 'closed', (server: Scripted) => server.end()],
    ['resets the connection', 'closed', (server: Scripted) => server.reset()],
    ['goes away', 'closed', (server: Scripted) => server.stop()],
    [
      'says that the connection is stale',
      'closed',
      (server: Scripted) => {
        server.say("-ERR 'Stale Connection'\r\n");
        server.end();
      },
    ],
    [
      'says that the login has expired',
      'closed',
      (server: Scripted) => server.say("-ERR 'User Authentication Expired'\r\n"),
    ],
    [
      'takes a subscription back',
      'forbidden',
      (server: Scripted) => server.say(REFUSED('Subscription', 'swarm.p.test')),
    ],
    [
      'refuses what is published to the inbox',
      'forbidden',
      (server: Scripted) => server.say(REFUSED('Publish', 'swarm.p.test')),
    ],
  ])('a link is lost once when the server %s (%s)', async (_what, subtype, act) => {
    const { server, host, link } = await openScripted();

    await act(server);
    await host.until(({ losses }) => losses.length > 0);
    await link.close();
    await server.has(0);

    expect(host.losses).toHaveLength(1);
    expect(host.losses[0]).toMatchObject({ name: 'SwarmError', subtype, delivered: 'unknown' });
  });

  it('a server in lame duck mode is left when it ends the connection', async () => {
    const { server, host, link, heard } = await openScripted();

    server.say(`INFO ${JSON.stringify({ ...INFO, ldm: true })}\r\n`);
    await heard();
    expect(host.losses).toEqual([]);
    await link.subscribe(['swarm.n.late']);

    server.end();
    await host.until(({ losses }) => losses.length > 0);
  });

  it('a refused subject fails its call and nothing else', async () => {
    const { server, host, link, heard } = await openScripted();
    server.onLine = (line) =>
      line.startsWith('SUB swarm.n.b') ? REFUSED('Subscription', 'swarm.n.b') : '';

    const refused = link.subscribe(['swarm.n.a', 'swarm.n.b', 'swarm.n.c']);
    await expect(refused).rejects.toMatchObject({ subtype: 'forbidden', delivered: 'no' });
    await server.hears(`UNSUB ${sidOf(server, 'swarm.n.c')}`);
    await link.subscribe(['swarm.n.a']);
    server.say(`MSG swarm.n.a ${sidOf(server, 'swarm.n.a')} 2\r\nhi\r\n`);
    await heard();

    expect(host.texts).toEqual(['swarm.n.a: hi']);
    expect(host.losses).toEqual([]);
  });

  it('one subscription too many fails its call and nothing else', async () => {
    const { server, host, link } = await openScripted();
    server.onLine = (line) =>
      line.startsWith('SUB swarm.n.b') ? "-ERR 'maximum subscriptions exceeded'\r\n" : '';

    await expect(link.subscribe(['swarm.n.b'])).rejects.toMatchObject({ delivered: 'no' });
    await link.subscribe(['swarm.n.a']);

    expect(host.losses).toEqual([]);
  });

  it('a publish that is refused elsewhere harms no other', async () => {
    const { server, host, link, heard } = await openScripted();
    server.onLine = (line) => (line.startsWith('PUB') ? REFUSED('Publish', 'swarm.n.x') : '');

    link.publish('swarm.n.x', new Uint8Array(), 1);
    await heard();

    expect([host.losses, host.verdicts]).toEqual([[], []]);
  });

  it('a server that comes to take less than frames ends the link', async () => {
    const { server, host, link, heard } = await openScripted();
    server.say(`INFO ${JSON.stringify({ ...INFO, max_payload: 10 })}\r\n`);
    await heard();

    link.publish('swarm.n.a', new Uint8Array(11), 0);
    expect(host.losses).toEqual([]);
    await host.until(({ losses }) => losses.length > 0);

    expect(host.losses).toHaveLength(1);
    expect(() => link.publish('swarm.n.a', new Uint8Array(11), 0)).not.toThrow();
  });

  it.each([
    ['takes less than a frame', { ...INFO, max_payload: 65_536 }, /65536.*524288/],
    ['cannot say that nobody listens', { ...INFO, headers: false }, /headers/],
  ])('no link is made to a server that %s', async (_what, info, message) => {
    const server = await Scripted.start(info);

    const error = await swarmAt(server.url)
      .connect(new Host())
      .catch((cause: unknown) => cause);

    expect(error).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect(error).toHaveProperty('message', expect.stringMatching(message));
    await server.has(0);
  });

  it.each(['swarm.p.test', '_INBOX.'])('no link is made without the subject %s', async (start) => {
    const server = await Scripted.start();
    server.onLine = (line) => {
      const [verb, subject = ''] = line.split(' ');
      return verb === 'SUB' && subject.startsWith(start) ? REFUSED('Subscription', subject) : '';
    };

    const connecting = swarmAt(server.url).connect(new Host());

    await expect(connecting).rejects.toMatchObject({ subtype: 'forbidden', delivered: 'no' });
    await server.has(0);
  });

  it('what is no subject is a programming mistake', async () => {
    const { server, link, heard } = await openScripted();

    for (const subject of ['', 'a b', 'a\r\nPUB b 0\r\n', 'a\n', 'a.*', '>', 'é']) {
      expect(() => link.publish(subject, new Uint8Array(), 0)).toThrow(TypeError);
      await expect(link.subscribe([subject])).rejects.toThrow(TypeError);
    }
    await heard();

    expect(server.lines.filter((line) => line.startsWith('PUB'))).toEqual([]);
  });
});

describe.each([
  ['3', connect3],
  ['2', connect2],
] satisfies readonly [string, Connect][])('a ready connection of nats %s', (_name, connect) => {
  it('makes one link, and another is refused with a reason', async () => {
    const server = await Scripted.start();
    const swarm = nats.over(await connect({ servers: server.url }));
    const link = await open(swarm);

    const error = await swarm.connect(new Host()).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'SwarmError', subtype: 'closed', delivered: 'no' });
    await link.close();
    await server.has(0);

    await expect(swarm.connect(new Host())).rejects.toMatchObject({ subtype: 'closed' });
  });

  it.each(['close', 'drain'] as const)('is lost to its link by a %s', async (how) => {
    const server = await Scripted.start();
    const connection = await connect({ servers: server.url });
    const host = new Host();
    const link = await open(nats.over(connection), host);

    const done = connection[how]();
    expect(() => link.publish('swarm.n.a', new Uint8Array(), 1)).not.toThrow();
    await host.until(({ losses }) => losses.length > 0);
    await done;
    await link.close();

    expect(host.losses).toHaveLength(1);
    await expect(link.subscribe(['swarm.n.a'])).rejects.toMatchObject({ subtype: 'closed' });
  });

  it('is none when it was closed before', async () => {
    const server = await Scripted.start();
    const connection = await connect({ servers: server.url });
    await connection.close();

    const connecting = nats.over(connection).connect(new Host());

    await expect(connecting).rejects.toMatchObject({ subtype: 'closed', delivered: 'no' });
  });

  it('is lost when the server does not answer its pings any more', async () => {
    const server = await Scripted.start();
    const host = new Host();
    const link = await open(
      nats.over(await connect({ servers: server.url, pingInterval: 10 })),
      host,
    );

    server.confirms = false;
    await host.until(({ losses }) => losses.length > 0);
    await link.close();
    await server.has(0);

    expect(host.losses).toHaveLength(1);
  });
});

type Connect = (options: {
  servers: string;
  pingInterval?: number;
}) => Promise<NatsConnection & { drain(): Promise<void> }>;

/** The id that the client gave to its last subscription below this subject. */
function sidOf(server: Scripted, start: string): string {
  const line = server.lines.findLast((candidate) => candidate.startsWith(`SUB ${start}`));
  return line?.split(' ')[2] ?? '';
}

/** What a server says to a publish with a reply subject when nobody listens. */
function noResponders(line: string, sid: string): string {
  const [verb, , reply, length] = line.split(' ');
  if (verb !== 'PUB' || length === undefined) return '';
  return `HMSG ${reply} ${sid} 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`;
}
