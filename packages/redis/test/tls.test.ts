import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { requireBroker } from '@swarm/conformance/brokers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redis } from '../src/index.ts';
import { open, printed, refusal, startRedis, stopAfter } from './fixture.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.runIf(requireBroker('redis') && hasOpenssl)('rediss: (needs the openssl command)', () => {
  let directory = '';
  let certPath = '';
  let keyPath = '';
  let ca = '';

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'rds-tls-'));
    [keyPath, certPath] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ...['-keyout', keyPath, '-out', certPath, '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ]);
    expect(made.status).toBe(0);
    ca = readFileSync(certPath, 'utf8');
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const startTls = (...config: readonly string[]) => {
    return startRedis({ tls: { certPath, keyPath }, config });
  };

  it('carries frames, small and great, to those who trust its certificate', async () => {
    const { port } = await startTls('requirepass s3cret');
    const url = `rediss://:s3cret@localhost:${port}`;
    const { host, link } = await open(redis(url, { tls: { ca } }));

    for (const length of [1, 5_000, 500_000]) link.publish(host.inbox, Buffer.alloc(length, 1), 0);
    link.publish('swarm.n.nobody', Buffer.from('x'), 7);
    await host.hears(3);
    await host.until(() => host.verdicts.length > 0);

    expect(host.heard.map(({ payload }) => payload.length)).toEqual([1, 5_000, 500_000]);
    expect(host.heard.every(({ payload }) => payload.every((byte) => byte === 1))).toBe(true);
    expect(host.verdicts).toEqual([7]);
  });

  it('is TLS by its name alone, and by the options of a redis: URL', async () => {
    const { port } = await startTls();

    expect((await refusal(`rediss://127.0.0.1:${port}`)).message).toContain('self-signed');
    await open(redis(`redis://127.0.0.1:${port}`, { tls: { ca } }));
  });

  it('tells a server of several names which one it asks for', async () => {
    const asked: (string | false | null)[] = [];
    const server = createServer({ key: readFileSync(keyPath), cert: ca }, (socket) => {
      asked.push((socket as TLSSocket & { servername: string | false }).servername);
      socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stopAfter(() => server.close());
    const { port } = server.address() as AddressInfo;

    await refusal(`rediss://localhost:${port}`, { tls: { ca } });
    await refusal(`rediss://localhost:${port}`, { tls: { ca, servername: 'other' } });
    await refusal(`rediss://127.0.0.1:${port}`, { tls: { ca } });

    expect(new Set(asked)).toEqual(new Set(['localhost', false]));
  });

  it('and redis: do not understand each other, and say no secret', async () => {
    const [{ port: secure }, { port: plain }] = await Promise.all([startTls(), startRedis()]);

    const errors = [
      await refusal(`redis://:s3cret@127.0.0.1:${secure}`),
      await refusal(`rediss://:s3cret@127.0.0.1:${plain}`),
      await refusal(`rediss://jane:s3cret@127.0.0.1:${secure}`),
    ];

    for (const error of errors) expect(printed(error)).not.toMatch(/s3cret|jane/);
  });

  it('is lost as any other', async () => {
    const broker = await startTls();
    const { host, link } = await open(redis(broker.url, { tls: { ca } }));

    await broker.kill();
    await host.isLost();
    await link.close();

    expect(host.losses).toHaveLength(1);
  });
});
