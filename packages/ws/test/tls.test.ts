import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dial, failure, next, start, startTcp } from './fixture.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('wss (needs the openssl command)', () => {
  let directory = '';
  let key = '';
  let cert = '';

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'swarm-ws-'));
    const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ...['-keyout', keyFile, '-out', certFile, '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ]);
    expect(made.status).toBe(0);
    key = readFileSync(keyFile, 'utf8');
    cert = readFileSync(certFile, 'utf8');
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function startTls(): Promise<string> {
    const https = createServer({ key, cert });
    const port = await startTcp(https);
    const { server } = await start({ server: https, path: '/swarm' });
    server.client.on('echo', (_ctx, value) => value);
    return `wss://127.0.0.1:${port}/swarm`;
  }

  it('is served by an HTTPS server, to clients that trust its certificate', async () => {
    const url = await startTls();

    const client = dial(url, { tls: { ca: cert } });

    expect(await client.send('echo', 'x'.repeat(100_000))).toHaveLength(100_000);
  });

  it('is served to a client that checks nothing because it was told so', async () => {
    const url = await startTls();

    expect(await dial(url, { tls: { rejectUnauthorized: false } }).send('echo', 1)).toBe(1);
  });

  it('is not spoken with a server whose certificate is not trusted', async () => {
    const url = await startTls();
    const client = dial(url, { openTimeoutMs: 100 });
    const reconnecting = next(client.events, 'reconnecting');

    expect((await failure(client.ready())).subtype).toBe('timeout');
    expect((await reconnecting)[0].attempt).toBe(1);
    expect(client.isOpen).toBe(false);
  });
});
