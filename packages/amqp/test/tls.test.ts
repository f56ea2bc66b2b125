import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { type Broker, requireBroker, startBroker } from '@swarm/conformance/brokers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amqp } from '../src/index.ts';
import { open, printed, refusal, shared, stopAfter, uncaughtDuring } from './fixture.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.runIf(requireBroker('rabbitmq') && hasOpenssl)(
  'amqps: (needs the openssl command)',
  () => {
    let directory = '';
    let keyPath = '';
    let ca = '';
    let broker: Broker;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'amqp-tls-'));
      const certPath = join(directory, 'cert.pem');
      keyPath = join(directory, 'key.pem');
      const made = spawnSync('openssl', [
        ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
        ...['-keyout', keyPath, '-out', certPath, '-days', '2', '-subj', '/CN=localhost'],
        ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ]);
      expect(made.status).toBe(0);
      ca = readFileSync(certPath, 'utf8');
      broker = await startBroker('rabbitmq', { tls: { certPath, keyPath } });
    });

    afterAll(async () => {
      await broker.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it('carries frames, small and great, to those who trust its certificate', async () => {
      const { host, link } = await open(
        amqp(`amqps://guest:guest@localhost:${broker.port}`, { tls: { ca } }),
      );

      for (const length of [1, 5_000, 500_000])
        link.publish(host.inbox, Buffer.alloc(length, 1), 0);
      link.publish('swarm.n.nobody', Buffer.from('x'), 7);
      await host.hears(3);
      await host.until(() => host.verdicts.length > 0);

      expect(host.heard.map(({ payload }) => payload.length)).toEqual([1, 5_000, 500_000]);
      expect(host.heard.every(({ payload }) => payload.every((byte) => byte === 1))).toBe(true);
      expect(host.verdicts).toEqual([7]);
    });

    it('is TLS by its name alone, and by the options of an amqp: URL', async () => {
      expect((await refusal(broker.url)).message).toContain('self-signed');
      await open(amqp(`amqp://127.0.0.1:${broker.port}`, { tls: { ca } }));
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

      await refusal(`amqps://localhost:${port}`, { tls: { ca } });
      await refusal(`AMQPS://127.0.0.1:${port}`, { tls: { ca } });
      await refusal(`amqps://localhost:${port}`, {
        tls: { ca, servername: 'other', checkServerIdentity: () => undefined },
      });

      expect(new Set(asked)).toEqual(new Set(['localhost', false, 'other']));
    });

    it('and amqp: do not understand each other, and say no secret', async () => {
      const errors = [
        await refusal(`amqp://jane:s3cret@127.0.0.1:${broker.port}`),
        await refusal(`amqps://jane:s3cret@127.0.0.1:${shared.port}`),
      ];

      for (const error of errors) expect(printed(error)).not.toMatch(/s3cret|jane/);
    });

    it('is closed and lost as any other', async () => {
      const swarm = amqp(broker.url, { tls: { ca } });
      const [closed, lost] = [await open(swarm), await open(swarm)];

      const uncaught = await uncaughtDuring(async () => {
        await closed.link.close();
        await broker.kill();
        await lost.host.isLost();
        await lost.link.close();
      });

      expect(uncaught).toEqual([]);
      expect([closed.host.losses.length, lost.host.losses.length]).toEqual([0, 1]);
    });
  },
);
