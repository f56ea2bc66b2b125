import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecure } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HOST, reservePort } from '../src/broker/port.ts';
import { findBroker } from '../src/broker/program.ts';
import { type Broker, type BrokerOptions, requireBroker, startBroker } from '../src/brokers.ts';
import { type Certificate, makeCertificate } from './broker-certificate.ts';
import { startElsewhere } from './broker-other-process.ts';
import { processesIn } from './broker-processes.ts';
import { exchange, refusalOf, type Talk, talkTo } from './broker-talk.ts';

type LineBroker = 'redis' | 'nats';

// Some of these have another process built.
vi.setConfig({ testTimeout: 30_000 });

describe.each([
  {
    kind: 'redis',
    variable: 'REDIS_SERVER',
    scheme: 'redis',
    pong: '+PONG',
    wrong: 'nonsense yes',
  },
  { kind: 'nats', variable: 'NATS_SERVER', scheme: 'nats', pong: 'PONG', wrong: 'nonsense: yes' },
] as const)('$kind of the test', ({ kind, variable, scheme, pong, wrong }) => {
  describe.runIf(requireBroker(kind))('is a process that', () => {
    it('answers from the start, below the ports of outgoing connections', async () => {
      const broker = await start(kind);

      const talk = await talkToBroker(broker);
      talk.say('PING');

      expect(await talk.hear()).toBe(pong);
      expect(broker.url).toBe(`${scheme}://127.0.0.1:${broker.port}`);
      expect(broker.port).toBeLessThan(32_768);
    });

    it('listens on no address but the loopback one', async () => {
      const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
      const outer = addresses.filter(({ internal, family }) => !internal && family === 'IPv4');
      const { port } = await start(kind);

      for (const { address } of outer) expect(await refusalOf(port, address)).toBe('ECONNREFUSED');
    });

    it('is killed, and comes back on the same port', async () => {
      const broker = await start(kind);
      const { pid, port } = broker;
      const talk = await talkToBroker(broker);

      await broker.kill();
      await talk.ended;
      expect(isThere(pid)).toBe(false);
      expect(await refusalOf(port)).toBe('ECONNREFUSED');
      await expect(reservePort([port, port])).rejects.toThrow('is free');
      await broker.restart();

      expect(broker.port).toBe(port);
      expect(broker.pid).not.toBe(pid);
      await exchange(await talkToBroker(broker), 1);
    });

    it('is killed by a restart', async () => {
      const broker = await start(kind);
      const { pid } = broker;
      const talk = await talkToBroker(broker);

      await broker.restart();

      await talk.ended;
      expect(isThere(pid)).toBe(false);
      // The broker and its watchdog.
      await expect.poll(() => processesIn(broker.folder).length).toBeLessThanOrEqual(2);
      await exchange(await talkToBroker(broker), 1);
    });

    it('is silent while it is paused, and answers then', async () => {
      const [broker, other] = [await start(kind), await start(kind)];
      const [talk, otherTalk] = [await talkToBroker(broker), await talkToBroker(other)];

      await broker.pause();
      talk.say('PING');
      await exchange(otherTalk);
      expect(talk.unheard).toEqual([]);
      await broker.resume();

      expect(await talk.hear()).toBe(pong);
    });

    it('stops while it is paused', async () => {
      const broker = await start(kind);
      await broker.pause();

      await broker.stop();

      expect(isThere(broker.pid)).toBe(false);
    });

    it('leaves no process and no folder when it stops, for good', async () => {
      const broker = await start(kind);
      expect(existsSync(broker.folder)).toBe(true);

      await Promise.all([broker.stop(), broker.stop()]);
      await broker.stop();

      expect(isThere(broker.pid)).toBe(false);
      expect(existsSync(broker.folder)).toBe(false);
      await expect.poll(() => processesIn(broker.folder)).toEqual([]);
      await expect(broker.restart()).rejects.toThrow(TypeError);
      await expect(broker.pause()).rejects.toThrow('not running');
      const { release } = await reservePort([broker.port, broker.port]);
      release();
    });

    it('shares neither port nor folder with another', async () => {
      const brokers = await Promise.all([start(kind), start(kind), start(kind)]);

      expect(new Set(brokers.map(({ port }) => port)).size).toBe(3);
      expect(new Set(brokers.map(({ folder }) => folder)).size).toBe(3);
    });

    it('dies with the process that started it, and its folder goes too', async () => {
      const { parent, port, folder } = await startElsewhere(kind);
      const talk = await talkTo(port);
      expect(existsSync(folder)).toBe(true);

      parent.kill('SIGKILL');

      await talk.ended;
      await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
      await expect.poll(() => processesIn(folder), { timeout: 10_000 }).toEqual([]);
    });

    it('leaves its folder to be removed even if it dies first', async () => {
      const { parent, folder } = await startElsewhere(kind);
      parent.send('kill');
      await once(parent, 'message');
      expect(existsSync(folder)).toBe(true);

      parent.kill('SIGKILL');

      await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
    });

    it('says in its own words why it cannot start, and leaves nothing', async () => {
      const folder = await temporaryFolder();
      vi.stubEnv('TMPDIR', folder);

      const failing = startBroker(kind, { config: [wrong] });

      await expect(failing).rejects.toThrow(/ended before .* log:.*nonsense/s);
      expect(await readdir(folder)).toEqual([]);
    });

    it('is the one that is named', async () => {
      const folder = await temporaryFolder();
      const wrapper = await program(folder, `touch ${folder}/started\nexec ${found(kind)} "$@"`);
      vi.stubEnv(variable, wrapper);

      const broker = await start(kind);

      expect(existsSync(join(folder, 'started'))).toBe(true);
      await exchange(await talkToBroker(broker), 1);
    });

    it('is no other if the named one is missing', async () => {
      vi.stubEnv(variable, '/nowhere');

      await expect(startBroker(kind)).rejects.toThrow(`${variable} names no program`);
    });

    it('takes another port if others were faster on the first', async () => {
      const folder = await temporaryFolder();
      const second = `[ -e ${folder}/first ] && exec ${found(kind)} "$@"`;
      const first = `touch ${folder}/first; echo bind: Address already in use; exit 1`;
      vi.stubEnv(variable, await program(folder, `${second}\n${first}`));

      await exchange(await talkToBroker(await start(kind)), 1);
    });
  });
});

describe.runIf(requireBroker('redis'))('Redis of the test', () => {
  it('takes lines for its configuration', async () => {
    const broker = await start('redis', { config: ['requirepass secret', 'maxmemory 1mb'] });
    const talk = await talkTo(broker.port);

    talk.say('AUTH secret');
    talk.say('CONFIG GET maxmemory');

    expect(await talk.hear()).toBe('+OK');
    for (const line of ['*2', '$9', 'maxmemory', '$7', '1048576']) {
      expect(await talk.hear()).toBe(line);
    }
  });

  it('speaks TLS on request', async () => {
    const broker = await start('redis', { tls: await certificate() });
    const socket = connectSecure({ port: broker.port, host: HOST, rejectUnauthorized: false });
    onTestFinished(() => {
      socket.destroy();
    });

    socket.write('PING\r\n');
    const [answer] = await once(socket, 'data');

    expect(String(answer)).toBe('+PONG\r\n');
    expect(broker.url).toBe(`rediss://127.0.0.1:${broker.port}`);
  });

  it('keeps nothing over a restart', async () => {
    const broker = await start('redis');
    const before = await talkTo(broker.port);
    before.say('SET key value');
    expect(await before.hear()).toBe('+OK');
    before.say('CONFIG GET save');
    for (const line of ['*2', '$4', 'save', '$0', '']) expect(await before.hear()).toBe(line);

    await broker.restart();
    const after = await talkTo(broker.port);
    after.say('EXISTS key');

    expect(await after.hear()).toBe(':0');
  });
});

describe.runIf(requireBroker('nats'))('NATS of the test', () => {
  it('takes lines for its configuration', async () => {
    const config = ['max_payload: 1234', 'authorization: { token: secret }', 'jetstream: enabled'];
    const broker = await start('nats', { config });

    expect(await information(broker)).toMatchObject({ max_payload: 1234, auth_required: true });
    expect(await readdir(broker.folder)).toContain('store');
  });

  it('speaks TLS on request', async () => {
    const broker = await start('nats', { tls: await certificate() });

    expect(await information(broker)).toMatchObject({ tls_required: true });
    expect(broker.url).toBe(`tls://127.0.0.1:${broker.port}`);
  });
});

/** What NATS says of itself at first. */
async function information({ port }: Broker): Promise<unknown> {
  const greeting = await (await talkTo(port)).hear();
  return JSON.parse(greeting.replace('INFO ', ''));
}

async function certificate(): Promise<Certificate> {
  const made = await makeCertificate();
  onTestFinished(() => made.remove());
  return made;
}

async function start(kind: LineBroker, options?: BrokerOptions): Promise<Broker> {
  const broker = await startBroker(kind, options);
  onTestFinished(() => broker.stop());
  return broker;
}

/** Past its greeting, if it has one. */
async function talkToBroker({ port, kind }: Broker): Promise<Talk> {
  const talk = await talkTo(port);
  if (kind === 'nats') await talk.hear();
  return talk;
}

function found(kind: LineBroker): string {
  return findBroker(kind, { PATH: process.env['PATH'] }).found ?? '';
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swarm-broker-test-'));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  return folder;
}

async function program(folder: string, text: string): Promise<string> {
  const path = join(folder, 'program');
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
