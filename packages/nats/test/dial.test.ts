import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { connect as connect3, usernamePasswordAuthenticator } from '@nats-io/transport-node';
import { requireBroker } from '@swarm/conformance/brokers';
import { openSwarm, type Swarm, SwarmError } from '@swarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NatsOptions, nats } from '../src/index.ts';
import { Host, open, start } from './fixture.ts';
import { Scripted } from './scripted.ts';

/** What connect rejects with: an error that shows no secret, however it is printed. */
async function refusal(swarm: Swarm): Promise<SwarmError> {
  const error = await swarm.connect(new Host()).then(
    () => new Error('it connects'),
    (cause: unknown) => cause,
  );
  if (!SwarmError.is(error)) throw error;
  expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
  expect(error).toMatchObject({ subtype: 'closed', delivered: 'no' });
  return error;
}

describe('a URL', () => {
  it('is known by its scheme', () => {
    expect(nats.schemes).toEqual(['nats:', 'tls:']);
    expect(openSwarm('nats://localhost', [nats]).name).toBe('nats');
    expect(openSwarm('tls://localhost', [nats]).name).toBe('nats');
  });

  it.each([
    'localhost:4222',
    'http://localhost',
    'nats:localhost',
    'nats://',
    'nats://a:hunter2@',
    'nats://a:hunter2#@host',
    'nats://a:hunter2/@host',
    'nats://a:hunter2@host?tls=true',
    'nats://a:hunter2@host/path',
    'nats://a:hunter2@host:port',
    'nats://a:hunter2@one,nats://b:hunter2@two',
    'nats://one,,two',
    'nats://one, two',
    'nats://a:hunter2@one,http://two',
  ])('of another form is refused, and not shown: %s', (url) => {
    const message = (() => {
      try {
        nats(url);
        return 'it is taken';
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return String(error);
      }
    })();

    expect(message).toContain('nats://user:password@host:port');
    expect(message).not.toContain('hunter2');
  });

  it('may be written in capitals, and have an address of IP 6', () => {
    expect(() => nats('NATS://[::1]:4222/')).not.toThrow();
  });
});

describe('a server that cannot be had', () => {
  it('is named, with the reason', async () => {
    const { message } = await refusal(nats('nats://me:hunter2@127.0.0.1:1'));

    expect(message).toMatch(/^nats:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
  });

  it('is named among others', async () => {
    const url = 'nats://me:hunter2@127.0.0.1:1,nats://me:hunter2@127.0.0.1:2';

    const { message } = await refusal(nats(url));

    expect(message).toContain('nats://127.0.0.1:1,nats://127.0.0.1:2: ');
  });

  it('is given up when it is silent, at first or after its greeting, and no socket is left', async () => {
    const silent = await Scripted.start(null);
    const hanging = await Scripted.start();
    hanging.onLine = (line) => {
      if (line.startsWith('SUB')) hanging.confirms = false;
      return '';
    };

    const errors = await Promise.all([refusal(nats(silent.url)), refusal(nats(hanging.url))]);
    await Promise.all([silent.has(0), hanging.has(0)]);

    expect(errors.map(({ message }) => message)).toEqual([
      `${silent.url}: timeout`,
      `${hanging.url}: no answer within 3000 ms`,
    ]);
  });

  it('is refused for less than the host wants to publish', async () => {
    const swarm = nats('nats://127.0.0.1:1', { frameBytesMax: 1_000 });

    expect(swarm.capabilities.frameBytesMax).toBe(1_000);
    expect((await refusal(swarm)).message).toMatch(/1000\b.*524288/);
  });
});

describe('others of the library', () => {
  it('connect while we do', async () => {
    const server = await Scripted.start();
    const theirs = Array.from({ length: 5 }, async () => {
      const connection = await connect3({ servers: `localhost:${server.port}` });
      await connection.close();
    });

    await Promise.all([...theirs, open(nats(server.url)), open(nats(server.url))]);
  });
});

describe.runIf(requireBroker('nats'))('a login', () => {
  const USER = ['authorization { user: "me", password: "hunter2@:/%" }'];

  it('comes with the URL, for one server or several', async () => {
    const { port } = await start({ config: USER });

    await open(nats(`nats://me:hunter2%40%3A%2F%25@127.0.0.1:${port}`));
    await open(nats(`nats://me:hunter2%40:%2F%25@127.0.0.1:${port}`));
    await open(nats(`nats://127.0.0.1:${port},nats://me:hunter2%40%3A%2F%25@127.0.0.1:${port}`));
  });

  it('comes with the options, which win', async () => {
    const { port, url } = await start({ config: USER });
    const ways: NatsOptions[] = [
      { user: 'me', pass: 'hunter2@:/%' },
      { authenticator: usernamePasswordAuthenticator('me', 'hunter2@:/%') },
    ];

    for (const options of ways) {
      await open(nats(url, options));
      await open(nats(`nats://token@127.0.0.1:${port}`, options));
      await open(nats(`nats://you:wrong@127.0.0.1:${port}`, options));
    }
  });

  it('is a token without a password', async () => {
    const { port, url } = await start({ config: ['authorization { token: "hunter2" }'] });

    await open(nats(`nats://hunter2@127.0.0.1:${port}`));
    await open(nats(url, { token: 'hunter2' }));
  });

  it('that is wrong or missing is refused with the reason', async () => {
    const { port, url } = await start({ config: USER });
    const swarms = [nats(url), nats(`nats://me:hunter2@127.0.0.1:${port}`)];

    for (const swarm of swarms) {
      const { message } = await refusal(swarm);
      expect(message.toLowerCase()).toContain(`${url}: `);
      expect(message.toLowerCase()).toContain('authorization violation');
    }
  });
});

describe.runIf(requireBroker('nats'))('a link', () => {
  it('is one whatever the options say', async () => {
    const broker = await start();
    const revived = { reconnect: true, waitOnFirstConnect: true, noEcho: true, servers: [] };
    const host = new Host();
    const link = await open(nats(broker.url, revived as NatsOptions), host);

    link.publish(host.inbox, Uint8Array.of(1), 0);
    await host.until(({ heard }) => heard.length === 1);
    await broker.restart();
    await host.until(({ losses }) => losses.length === 1);
    await refusal(nats('nats://127.0.0.1:1', revived as NatsOptions));
  });

  it('is made to whichever of several servers is there', async () => {
    const { port } = await start();

    await open(nats(`nats://127.0.0.1:1,127.0.0.1:${port},127.0.0.1:2`));
  });

  it('shows its name to the server', async () => {
    const server = await Scripted.start();

    await open(nats(server.url, { name: 'arena-7' }));

    expect(await server.hears('CONNECT')).toContain('"name":"arena-7"');
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.runIf(requireBroker('nats') && hasOpenssl)('TLS (needs the openssl command)', () => {
  let folder = '';
  let [keyPath, certPath] = ['', ''];
  let ca = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nts-tls-'));
    [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ...['-keyout', keyPath, '-out', certPath, '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ]);
    expect(made.status).toBe(0);
    ca = readFileSync(certPath, 'utf8');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('carries a link to a server whose certificate is trusted, whatever the scheme', async () => {
    const { port, url } = await start({ tls: { keyPath, certPath } });

    expect(url).toMatch(/^tls:/);
    for (const scheme of ['tls', 'nats']) {
      const host = new Host();
      const swarm = openSwarm(`${scheme}://localhost:${port}`, [
        Object.assign((address: string) => nats(address, { tls: { ca } }), nats),
      ]);
      const link = await open(swarm, host);
      link.publish(host.inbox, new Uint8Array(200_000), 0);
      await host.until(({ heard }) => heard.length === 1);
    }
    await open(nats(url, { tls: { rejectUnauthorized: false } }));
  });

  it('is not spoken with a server whose certificate is not trusted', async () => {
    const { url } = await start({ tls: { keyPath, certPath } });

    expect((await refusal(nats(url))).message).toMatch(/certificate/);
  });

  it('is insisted on by the scheme tls:', async () => {
    const { port } = await start();

    for (const options of [{}, { tls: null }]) {
      const { message } = await refusal(nats(`tls://me:hunter2@127.0.0.1:${port}`, options));
      expect(message).toMatch(/tls/);
    }
  });
});
