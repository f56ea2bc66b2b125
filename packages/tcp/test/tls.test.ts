import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Hello, type ListenOptions, refuse } from '../src/index.ts';
import { type Certificates, hasOpenssl, makeCertificates } from './certificates.ts';
import {
  dial,
  failure,
  gate,
  HOST,
  next,
  probe,
  type Started,
  startEcho,
  startNet,
  stopAfter,
  watchUncaught,
} from './fixture.ts';
import { RawEnd } from './raw.ts';

describe.skipIf(!hasOpenssl)('tls (needs the openssl command)', () => {
  let certificates: Certificates;

  beforeAll(() => {
    certificates = makeCertificates();
  });

  async function startTls(options: ListenOptions = {}, limits = {}): Promise<Started> {
    const tls = { ...certificates.server, ...options.tls };
    const started = await startEcho({ ...options, tls }, { limits });
    return { ...started, url: started.url.replace('tcp:', 'tls:') };
  }

  it('is spoken to clients that trust the certificate, by address and by name', async () => {
    const { url } = await startTls();
    const tls = { ca: certificates.authority };

    for (const at of [url, url.replace(HOST, 'localhost')]) {
      const client = dial(at, { tls });
      expect(await client.send('echo', 'x'.repeat(300_000))).toHaveLength(300_000);
    }
  });

  it('is spoken to a client that checks nothing because it was told so', async () => {
    const { url } = await startTls();

    expect(await dial(url, { tls: { rejectUnauthorized: false } }).send('echo', 1)).toBe(1);
  });

  it.each<[string, () => object]>([
    ['is signed by nobody we trust', () => ({})],
    ['is for another name', () => ({ ca: certificates.authority, servername: 'example.com' })],
  ])('is not spoken with a server whose certificate %s', async (_what, tls) => {
    const { server, url } = await startTls();
    const client = dial(url, { tls: tls(), openTimeoutMs: 200 });
    const reconnecting = next(client.events, 'reconnecting');

    expect((await failure(client.ready())).subtype).toBe('timeout');
    expect((await reconnecting)[0].attempt).toBe(1);
    expect(server.nodes.size).toBe(0);
  });

  it('names the server, so that it can choose a certificate', async () => {
    const names: string[] = [];
    const { url } = await startTls({
      tls: {
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      },
    });

    await dial(url.replace(HOST, 'localhost'), { tls: { ca: certificates.authority } }).ready();

    expect(names).toEqual(['localhost']);
  });

  it('throws at once for certificates that cannot be read', async () => {
    const { url } = await startTls();

    expect(() => dial(url, { tls: { cert: 'nonsense', key: 'nonsense' } })).toThrow();
  });

  describe('with certificates of clients', () => {
    const asked = () => ({ requestCert: true, ca: certificates.authority });

    /** Lets in who has a certificate that is trusted, by its name. */
    function byName({ socket }: Hello) {
      if (!(socket instanceof TLSSocket) || !socket.authorized) return refuse(401);
      return { id: String(socket.getPeerCertificate().subject.CN) };
    }

    it('`accept` knows a client by its certificate', async () => {
      const { server, url } = await startTls({ tls: asked(), accept: byName });
      const { authority, client } = certificates;

      await dial(url, { tls: { ca: authority, ...client } }).ready();

      expect([...server.nodes.keys()]).toEqual(['ann']);
    });

    it('a client without one does not get as far as `accept`', async () => {
      let isAsked = false;
      const { server, url } = await startTls({
        tls: asked(),
        accept: () => {
          isAsked = true;
          return {};
        },
      });
      const client = dial(url, { tls: { ca: certificates.authority } });

      for (let i = 0; i < 2; i += 1) await next(client.events, 'reconnecting');

      expect([isAsked, server.nodes.size]).toEqual([false, 0]);
    });

    it('and `rejectUnauthorized: false`, `accept` decides about those who have none', async () => {
      const tls = { ...asked(), rejectUnauthorized: false };
      const { url } = await startTls({ tls, accept: byName });

      const client = dial(url, { tls: { ca: certificates.authority } });

      expect((await failure(client.ready())).subtype).toBe('unauthorized');
    });
  });

  it('is spoken by a server that is there, and goes on without us', async () => {
    const { net, port } = await startNet(createTlsServer(certificates.server));
    const { server, listener } = await startEcho({ server: net });
    const client = dial(`tls://${HOST}:${port}`, { tls: { ca: certificates.authority } });
    expect(await client.send('echo', 1)).toBe(1);
    const closed = next(client.events, 'close');

    await listener.close();

    expect((await closed)[0].code).toBe(1001);
    expect(server.nodes.size).toBe(0);
    expect(net.listening).toBe(true);
    expect(net.listenerCount('secureConnection')).toBe(0);
  });

  it('ends who does not finish the handshake, or says no hello after it', async () => {
    const { listener, url } = await startTls({ handshakeTimeoutMs: 50 });
    const silent = await RawEnd.connect(listener.port);
    const secure = connectTls({ port: listener.port, host: HOST, rejectUnauthorized: false });
    secure.on('error', () => {});
    stopAfter(() => secure.destroy());
    await once(secure.resume(), 'secureConnect');

    await Promise.all([silent.closed, new Promise((resolve) => secure.on('close', resolve))]);

    expect(await dial(url, { tls: { rejectUnauthorized: false } }).send('echo', 1)).toBe(1);
  });

  it('keeps clients for longer than a handshake may take', async () => {
    const { server, url } = await startTls({ handshakeTimeoutMs: 50 });
    const client = dial(url, { tls: { rejectUnauthorized: false } });
    await client.ready();

    // Two that do not shake hands are ended one after the other meanwhile.
    for (let i = 0; i < 2; i += 1) await (await RawEnd.connect(Number(new URL(url).port))).closed;

    expect(server.nodes.size).toBe(1);
    expect(await client.send('echo', 1)).toBe(1);
  });

  it('close waits for nobody who is still shaking hands', async () => {
    const { listener } = await startTls();
    const silent = await RawEnd.connect(listener.port);
    // It is accepted when a later connection has been let in.
    await dial(`tls://${HOST}:${listener.port}`, { tls: { rejectUnauthorized: false } }).ready();

    await listener.close();

    await silent.closed;
    expect(await probe(listener.port)).toBe('ECONNREFUSED');
  });

  it('resets at any moment of the handshake end no process', async () => {
    const errors = watchUncaught();
    const { listener, url } = await startTls();

    for (let turns = 0; turns < 40; turns += 1) {
      const wire = connectTcp(listener.port, HOST);
      const secure = connectTls({ socket: wire, rejectUnauthorized: false });
      for (const stream of [wire, secure]) stream.on('error', () => {});
      const closed = gate();
      wire.on('close', () => closed.open());
      for (let i = 0; i < turns; i += 1) await nextTurn();
      wire.resetAndDestroy();
      await closed.promise;
    }

    expect(await dial(url, { tls: { rejectUnauthorized: false } }).send('echo', 1)).toBe(1);
    expect(errors).toEqual([]);
  });

  it('tells nothing to who does not speak it, and others go on', async () => {
    const { listener, url } = await startTls();
    const raw = await RawEnd.connect(listener.port);

    raw.stream.write('GET / HTTP/1.1\r\n\r\n');
    await raw.closed;

    expect(await dial(url, { tls: { rejectUnauthorized: false } }).send('echo', 1)).toBe(1);
  });
});
