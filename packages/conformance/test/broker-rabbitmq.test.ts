import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect as connectPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecure } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Broker, requireBroker, startBroker } from '../src/brokers.ts';
import { type Certificate, makeCertificate } from './broker-certificate.ts';
import { startElsewhere } from './broker-other-process.ts';
import { processesIn } from './broker-processes.ts';
import { refusalOf } from './broker-talk.ts';

const HOST = '127.0.0.1';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe.runIf(requireBroker('rabbitmq'))('RabbitMQ of the test', () => {
  let certificate: Certificate;
  let broker: Broker;
  let secure: Broker;

  beforeAll(async () => {
    certificate = await makeCertificate();
    [broker, secure] = await Promise.all([
      startBroker('rabbitmq', { config: ['channel_max = 17'] }),
      startBroker('rabbitmq', { tls: certificate }),
    ]);
  });

  afterAll(async () => {
    await Promise.all([broker.stop(), secure.stop(), certificate.remove()]);
  });

  it('answers from the start, below the ports of outgoing connections', async () => {
    expect(await greeting(dial(broker))).toContain('RabbitMQ');
    expect(broker.url).toBe(`amqp://127.0.0.1:${broker.port}`);
    expect(broker.port).toBeLessThan(32_768);
  });

  it('speaks TLS on request', async () => {
    expect(await greeting(dialSecure(secure))).toContain('RabbitMQ');
    expect(secure.url).toBe(`amqps://127.0.0.1:${secure.port}`);
  });

  it('shares nothing with another', () => {
    expect(broker.port).not.toBe(secure.port);
    expect(broker.folder).not.toBe(secure.folder);
  });

  it('is silent while it is paused, and answers then', async () => {
    await broker.pause();
    let hasAnswered = false;
    const answer = greeting(dial(broker)).finally(() => {
      hasAnswered = true;
    });
    for (let times = 0; times < 10; times += 1) await greeting(dialSecure(secure));
    expect(hasAnswered).toBe(false);

    await broker.resume();

    expect(await answer).toContain('RabbitMQ');
  });

  it('is killed, and comes back on the same port', async () => {
    const { pid, port } = broker;

    await broker.kill();
    expect(processesIn(broker.folder)).not.toContain(pid);
    expect(await refusalOf(port)).toBe('ECONNREFUSED');
    await broker.restart();

    expect(broker.port).toBe(port);
    expect(await greeting(dial(broker))).toContain('RabbitMQ');
  });

  it('dies with the process that started it, with all that belongs to it', async () => {
    const { parent, folder } = await startElsewhere('rabbitmq');
    expect(existsSync(folder)).toBe(true);

    parent.kill('SIGKILL');

    await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
    await expectNoProcess(folder);
  });

  it('says in its own words why it cannot start, and leaves nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'swarm-broker-test-'));
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    });

    const failing = startBroker('rabbitmq', { config: ['nonsense = yes'] });

    await expect(failing).rejects.toThrow(/ended before .* log:.*nonsense/s);
    expect(await readdir(folder)).toEqual([]);
    await expectNoProcess(folder);
  });

  it('leaves no process and no folder when it stops, for good', async () => {
    await Promise.all([broker.stop(), broker.stop()]);

    expect(existsSync(broker.folder)).toBe(false);
    await expectNoProcess(broker.folder);
    await expect(broker.restart()).rejects.toThrow(TypeError);
  });
});

/** The helpers of Erlang's machine end by themselves once it is gone. */
async function expectNoProcess(folder: string): Promise<void> {
  await expect.poll(() => processesIn(folder), { timeout: 20_000 }).toEqual([]);
}

function dial({ port }: Broker): Socket {
  return connectPlain(port, HOST);
}

function dialSecure({ port }: Broker): Socket {
  return connectSecure({ port, host: HOST, rejectUnauthorized: false });
}

/** What the server says of itself, in answer to the header of the protocol. */
async function greeting(socket: Socket): Promise<string> {
  socket.write('AMQP\0\0\x09\x01');
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  return bytes.toString('latin1');
}
