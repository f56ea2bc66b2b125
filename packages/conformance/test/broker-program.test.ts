import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST, reservePort } from '../src/broker/port.ts';
import { findBroker } from '../src/broker/program.ts';
import { requireBroker } from '../src/brokers.ts';
import { decide, isDebian } from './broker-install.ts';

describe('what is done about a broker', () => {
  const bare = { found: null, isNamed: false, isCi: false };
  const there = { ...bare, found: '/bin/redis-server' };

  it.each([
    ['use', 'one that is there', there, false],
    ['use', 'one that is named', { ...there, isNamed: true }, false],
    ['use', 'one that is there, whatever else could be done', there, true],
    ['use', 'one that is there, in CI', { ...there, isCi: true }, false],
    ['install', 'a missing one where it can be installed', bare, true],
    ['install', 'the same in CI', { ...bare, isCi: true }, true],
    ['skip', 'a missing one', bare, false],
    ['fail', 'a missing one in CI', { ...bare, isCi: true }, false],
    ['fail', 'a wrong name', { ...bare, isNamed: true }, false],
    ['fail', 'a wrong name, though one could be installed', { ...bare, isNamed: true }, true],
  ] as const)('%s: %s', (decision, _what, finding, canInstall) => {
    expect(decide(finding, canInstall)).toBe(decision);
  });

  it.each([
    ['ID=debian', true],
    ['NAME="Debian"\nID="debian"\nVERSION_ID="12"', true],
    ['ID=ubuntu\nID_LIKE=debian', false],
    ['', false],
  ])('takes %j for Debian: %s', (text, expected) => {
    expect(isDebian(text)).toBe(expected);
  });
});

describe('the program of a broker', () => {
  let folder = '';
  let [other, first, second] = ['', '', ''];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'swarm-broker-program-'));
    [other, first, second] = [join(folder, 'other'), join(folder, '1'), join(folder, '2')];
    // Neither a folder nor what cannot be run.
    await mkdir(join(folder, 'redis-server'));
    for (const path of [first, second]) await mkdir(path);
    await writeFile(join(first, 'redis-server'), '');
    for (const path of [other, join(second, 'redis-server')]) {
      await writeFile(path, '');
      await chmod(path, 0o755);
    }
  });

  afterAll(() => rm(folder, { recursive: true }));

  const path = () => [folder, first, '', second].join(':');

  it('is the first of its name in PATH', () => {
    const found = join(second, 'redis-server');

    expect(findBroker('redis', { PATH: path() })).toEqual({ found, isNamed: false, isCi: false });
    expect(requireBroker('redis', { PATH: path() })).toBe(true);
  });

  it('is the one that is named', () => {
    const finding = findBroker('redis', { PATH: path(), REDIS_SERVER: other, CI: 'true' });

    expect(finding).toEqual({ found: other, isNamed: true, isCi: true });
  });

  it('is no other if the named one is missing', () => {
    const env = { PATH: path(), REDIS_SERVER: join(folder, 'absent') };

    expect(findBroker('redis', env)).toMatchObject({ found: null, isNamed: true });
    expect(() => requireBroker('redis', env)).toThrow('REDIS_SERVER names no program');
  });

  it('is missing where nothing is: skipped, but for CI', () => {
    const env = { PATH: folder, REDIS_SERVER: '' };

    expect(findBroker('redis', env)).toMatchObject({ found: null, isNamed: false });
    expect(requireBroker('redis', env)).toBe(false);
    expect(() => requireBroker('redis', { ...env, CI: 'true' })).toThrow('no redis-server');
  });
});

describe('a reserved port', () => {
  it('is not reserved again before its release', async () => {
    const { port, release } = await reservePort();
    await expect(reservePort([port, port])).rejects.toThrow('is free');

    release();
    release();

    const again = await reservePort([port, port]);
    expect(again.port).toBe(port);
    again.release();
  });

  it('is none that somebody listens on', async () => {
    const { port, release } = await reservePort();
    release();
    const server = createServer().listen(port, HOST);
    await once(server, 'listening');

    await expect(reservePort([port, port])).rejects.toThrow('is free');

    server.close();
  });
});
