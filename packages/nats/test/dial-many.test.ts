import { once } from 'node:events';
import { createConnection } from 'node:net';
import { requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it } from 'vitest';
import { nats } from '../src/index.ts';
import { Host, open, start } from './fixture.ts';
import { INFO, Scripted } from './scripted.ts';

/** The longest that a core waits for a link. */
const LINK_TIMEOUT_MS = 3_000;

/** As the option of the name says: in the order of the URL. */
const IN_ORDER = { noRandomize: true };

function urlOf(servers: readonly { readonly url: string }[]): string {
  return `nats://${servers.map(({ url }) => new URL(url).host).join()}`;
}

describe('of several servers', () => {
  it('each is dialed first by some', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => Scripted.start()));
    const swarm = nats(urlOf(servers));

    // In one of ten billion runs, a server is dialed by none.
    for (let i = 0; i < 60; i += 1) await open(swarm);

    const counts = servers.map(connects);
    expect(counts.reduce((sum, count) => sum + count)).toBe(60);
    for (const count of counts) expect(count).toBeGreaterThan(0);
  });

  it('the first is dialed, and no other, when the order is that of the URL', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => Scripted.start()));
    const swarm = nats(urlOf(servers), IN_ORDER);

    for (let i = 0; i < 10; i += 1) await open(swarm);

    expect(servers.map(connects)).toEqual([10, 0, 0]);
  });

  it('those that are silent are left for one that answers, in time', async () => {
    const silent = await Promise.all([1, 2, 3].map(() => Scripted.start(null)));
    const server = await Scripted.start();
    const startedMs = performance.now();

    await open(nats(urlOf([...silent, server]), IN_ORDER));
    await Promise.all(silent.map((each) => each.has(0)));

    expect(performance.now() - startedMs).toBeLessThan(LINK_TIMEOUT_MS);
  });

  it('one that is slow wins when the others are silent, and when they refuse', async () => {
    const silent = await Scripted.start(null);
    const refusing = await Scripted.start();
    await refusing.stop();
    const slow = await Scripted.start(null);

    const opening = open(nats(urlOf([slow, refusing, silent]), IN_ORDER));
    // It is no longer the only hope by then.
    await silent.has(1);
    slow.say(`INFO ${JSON.stringify(INFO)}\r\n`);
    await opening;

    await silent.has(0);
    await slow.has(1);
  });

  it('one that refuses the login is left for the next', async () => {
    const refusing = await Scripted.start();
    refusing.onLine = (line) => {
      return line.startsWith('CONNECT') ? "-ERR 'maximum connections exceeded'\r\n" : '';
    };
    refusing.confirms = false;
    const server = await Scripted.start();

    await open(nats(urlOf([refusing, server]), IN_ORDER));

    await server.has(1);
    await refusing.has(0);
  });

  it.each([
    ['does not say that it lets us in', INFO],
    ['does not come to TLS', { ...INFO, tls_required: true }],
  ])('one that greets, but %s, is left without a trace', async (_how, info) => {
    const hanging = await Scripted.start(info);
    hanging.confirms = false;
    const server = await Scripted.start();
    const startedMs = performance.now();

    await open(nats(urlOf([hanging, server]), IN_ORDER));
    await hanging.has(0);

    expect(performance.now() - startedMs).toBeLessThan(LINK_TIMEOUT_MS);
  });

  it('those behind the one that answers are not dialed any more', async () => {
    const [silent, server] = [await Scripted.start(null), await Scripted.start()];
    const [unneeded, later] = [await Scripted.start(), await Scripted.start(null)];

    await open(nats(urlOf([silent, server, unneeded]), IN_ORDER));
    // As long again as the first one was waited for.
    await open(nats(urlOf([later, server]), IN_ORDER));

    expect(connects(unneeded)).toBe(0);
  });

  it('all are given up together, as soon as one alone would be', async () => {
    const silent = await Promise.all([1, 2, 3].map(() => Scripted.start(null)));
    const other = await Scripted.start(null);
    const ends: string[] = [];
    const refused = (url: string, name: string) =>
      nats(url, IN_ORDER)
        .connect(new Host())
        .catch(() => ends.push(name));

    const together = refused(urlOf(silent), 'together');
    await silent[1]?.has(1);
    await Promise.all([together, refused(other.url, 'alone, begun later')]);

    expect(ends).toEqual(['together', 'alone, begun later']);
  });

  it.each([
    ['refuses', (server: Scripted) => server.say("-ERR 'Authorization Violation'\r\n")],
    ['resets the connection', (server: Scripted) => server.reset()],
    ['goes silent', () => {}],
  ])('none is dialed that only another one names, which %s', async (_how, act) => {
    const unnamed = await Scripted.start();
    const server = await Scripted.start({ ...INFO, connect_urls: [new URL(unnamed.url).host] });
    server.confirms = false;

    const connecting = nats(server.url).connect(new Host());
    const refused = expect(connecting).rejects.toMatchObject({ delivered: 'no' });
    await server.hears('CONNECT');
    act(server);
    await refused;
    await server.has(0);

    expect(connects(unnamed)).toBe(0);
  });

  it('none is dialed by a link that is lost', async () => {
    const other = await Scripted.start();
    const info = { ...INFO, cluster: 'c', connect_urls: [new URL(other.url).host] };
    const server = await Scripted.start();
    const host = new Host();
    const link = await open(nats(server.url), host);

    server.say(`INFO ${JSON.stringify(info)}\r\n`);
    await link.subscribe([]);
    server.reset();
    await host.until(({ losses }) => losses.length > 0);
    await link.close();

    expect(connects(other)).toBe(0);
  });

  it('the last reason is given when there is none', async () => {
    const stopped = await Promise.all([1, 2].map(() => Scripted.start()));
    for (const server of stopped) await server.stop();
    const silent = await Scripted.start(null);

    await expect(nats(urlOf([...stopped, silent])).connect(new Host())).rejects.toMatchObject({
      message: expect.stringMatching(/: timeout$/),
      subtype: 'closed',
      delivered: 'no',
    });
    await silent.has(0);
  });
});

describe.runIf(requireBroker('nats'))('a server in lame duck mode', () => {
  it('serves until it ends the connection, and is left for others', async () => {
    const leaving = await start({
      config: ['lame_duck_grace_period: "1s"', 'lame_duck_duration: "30s"'],
    });
    const staying = await start();
    const host = new Host();
    const link = await open(nats(leaving.url), host);
    const swarm = nats(urlOf([leaving, staying]), IN_ORDER);

    process.kill(leaving.pid, 'SIGUSR2');
    await expect.poll(() => refuses(leaving.url)).toBe(true);
    await link.subscribe(['swarm.n.late']);
    link.publish('swarm.n.late', Buffer.from('served'), 1);
    await host.until(({ heard }) => heard.length > 0);
    for (let i = 0; i < 10; i += 1) await open(swarm, new Host(`swarm.p.${i}`));
    expect(host.losses).toEqual([]);

    await host.until(({ losses }) => losses.length > 0);
    expect(host.losses).toHaveLength(1);
  });
});

describe.runIf(requireBroker('nats'))('a server that hangs', () => {
  it('is left for another', async () => {
    const [hanging, server] = [await start(), await start()];
    await hanging.pause();
    const startedMs = performance.now();

    await open(nats(urlOf([hanging, server]), IN_ORDER));

    expect(performance.now() - startedMs).toBeLessThan(LINK_TIMEOUT_MS);
  });
});

function connects({ lines }: Scripted): number {
  return lines.filter((line) => line.startsWith('CONNECT')).length;
}

async function refuses(url: string): Promise<boolean> {
  const { port } = new URL(url);
  const socket = createConnection(Number(port), '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}
