import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide, inspectMachine, isDebian } from './chromium.ts';

describe('what is done for the browser tests', () => {
  const bare = { found: null, isNamed: false, canInstall: false, isCi: false };
  const there = { ...bare, found: '/bin/chromium' };

  it.each([
    ['use', 'a browser that is there', there],
    ['use', 'one that is named', { ...there, isNamed: true }],
    ['use', 'one that is there, whatever else could be done', { ...there, canInstall: true }],
    ['use', 'one that is there, in CI', { ...there, isCi: true }],
    ['install', 'a missing one where it can be installed', { ...bare, canInstall: true }],
    ['install', 'the same in CI', { ...bare, canInstall: true, isCi: true }],
    ['skip', 'a missing one', bare],
    ['fail', 'a missing one in CI', { ...bare, isCi: true }],
    ['fail', 'a wrong name', { ...bare, isNamed: true }],
    [
      'fail',
      'a wrong name, though one could be installed',
      { ...bare, isNamed: true, canInstall: true },
    ],
  ] as const)('%s: %s', (decision, _what, machine) => {
    expect(decide(machine)).toBe(decision);
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

describe('the browser', () => {
  let folder = '';
  let [other, first, second] = ['', '', ''];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'swarm-chromium-'));
    [other, first, second] = [join(folder, 'other'), join(folder, '1'), join(folder, '2')];
    // Neither a folder nor what cannot be run.
    await mkdir(join(folder, 'chromium'));
    for (const path of [first, second]) await mkdir(path);
    await writeFile(join(first, 'chromium'), '');
    for (const path of [other, join(second, 'chromium')]) {
      await writeFile(path, '');
      await chmod(path, 0o755);
    }
  });

  afterAll(() => rm(folder, { recursive: true }));

  const path = () => [folder, first, '', second].join(':');

  it('is the first program of that name in PATH', () => {
    const machine = inspectMachine({ PATH: path() });

    expect(machine).toMatchObject({ found: join(second, 'chromium'), isNamed: false, isCi: false });
  });

  it('is the one that is named', () => {
    const machine = inspectMachine({ PATH: path(), CHROMIUM: other, CI: 'true' });

    expect(machine).toMatchObject({ found: other, isNamed: true, isCi: true });
  });

  it('is no other if the named one is missing', () => {
    const machine = inspectMachine({ PATH: path(), CHROMIUM: join(folder, 'absent') });

    expect(machine).toMatchObject({ found: null, isNamed: true });
  });

  it('is missing where nothing is', () => {
    expect(inspectMachine({ PATH: folder, CHROMIUM: '' })).toMatchObject({
      found: null,
      isNamed: false,
    });
  });
});
