import { type ChildProcess, fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build, defaultClientConditions, defaultServerConditions } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { dial, next, stopAfter } from './fixture.ts';
import type {} from './page/main.ts';

const { path: executablePath, problem } = inject('chromium');
const HOST = '127.0.0.1';
const ARGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

let folder: string;
let browser: Browser;
let context: BrowserContext;
let port: number;
let server: ChildProcess;
/** Errors that nobody caught in a page. */
const uncaught: Error[] = [];

if (problem !== null) it('there is a browser to test with', () => expect.unreachable(problem));

describe.skipIf(executablePath === null)('in Chromium', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'swarm-browser-'));
    await buildPage();
    await buildServer();
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ARGS });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
    await browser.close();
  });

  beforeEach(async () => {
    port = await freePort();
    server = await startServer();
    context = await browser.newContext();
    stopAfter(() => context.close());
  });

  afterEach(() => {
    expect(uncaught.splice(0)).toEqual([]);
  });

  it('a question of one page is answered in the other, signed by the node between', async () => {
    const [ada, bob] = [await open('ada'), await open('bob')];
    await bob.evaluate(() => {
      testPage.client.on('question', (_ctx, text, from) => `${from} said ${text}`);
    });

    const answer = await ada.evaluate(() => testPage.client.call.ask('bob', 'hello'));

    expect(answer).toBe('ada said hello');
  });

  it('errors arrive typed', async () => {
    const ada = await open('ada');

    const declared = await ada.evaluate(async () => {
      const divided = await testPage.client.call.divide.safe(7, 0);
      if (divided.ok || divided.error.code === null) return null;
      const { code, data } = divided.error;
      return { code, dividend: data.dividend };
    });
    const late = await ada.evaluate(() => {
      return testPage.outcome(testPage.client.with({ timeoutMs: 50 }).call.hold());
    });

    expect(declared).toEqual({ code: 'DIVIDE_BY_ZERO', dividend: 7 });
    expect(late).toMatchObject({ type: 'protocol', subtype: 'timeout', delivered: 'unknown' });
  });

  it('pages whose server is killed come back by themselves, and say all that happens', async () => {
    const pages = [await open('ada'), await open('bob')] as const;
    const inFlight = pages.map((page) => {
      return page.evaluate(() => testPage.outcome(testPage.client.call.hold()));
    });
    for (const page of pages) await page.evaluate(() => testPage.heard('held', 1));

    await kill(server);

    for (const call of inFlight) {
      expect(await call).toMatchObject({ subtype: 'closed', delivered: 'unknown' });
    }
    for (const page of pages) {
      await page.evaluate(() => testPage.heard('reconnecting', 2));
      const down = await page.evaluate(() => {
        return testPage.outcomeAtOnce(testPage.client.call.add(1, 2));
      });
      expect(down).toMatchObject({ subtype: 'closed', delivered: 'no' });
    }

    server = await startServer();

    for (const page of pages) await page.evaluate(() => testPage.heard('open', 2));
    const [ada, bob] = pages;
    await bob.evaluate(() => {
      testPage.client.on('question', (_ctx, text, from) => `${from} said ${text}`);
    });
    expect(await ada.evaluate(() => testPage.client.call.add(1, 2))).toBe(3);
    expect(await ada.evaluate(() => testPage.client.call.ask('bob', 'again'))).toBe(
      'ada said again',
    );
    for (const page of pages) {
      const told = await page.evaluate(() => testPage.told);
      const attempts = told.length - 4;
      expect(told).toEqual([
        ...['open', 'held', 'close 1006'],
        ...Array.from({ length: attempts }, (_, index) => `reconnecting ${index + 1}`),
        'open',
      ]);
    }
  });

  it('a page that stood still while its server was away comes back once, without a storm', async () => {
    const page = await open('asleep');
    const timers = await page.evaluate(() => testPage.timersSet());
    const awake = dial(`ws://${HOST}:${port}/swarm?name=awake`);
    await awake.ready();
    const resume = await halt(page);

    await kill(server);
    await new Promise<void>((resolve) => {
      awake.events.on('reconnecting', ({ attempt }) => attempt === 5 && resolve());
    });
    server = await startServer();
    await next(awake.events, 'open');
    await resume();
    await page.evaluate(() => testPage.heard('open', 2));

    const told = await page.evaluate(() => testPage.told);
    expect(told).toEqual(['open', 'close 1006', 'reconnecting 1', 'open']);
    // One each for the delay, the time to get open and the next ping.
    expect(await page.evaluate(() => testPage.timersSet())).toBe(timers + 3);
    expect(await page.evaluate(() => testPage.client.call.add(1, 2))).toBe(3);
  });
});

/** As Vite's own settings for production have it. */
async function buildPage(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@swarm/source', ...defaultClientConditions] },
    build: {
      outDir: folder,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: source('main.ts'), output: { entryFileNames: 'main.js' } },
    },
  });
}

/** Everything in one file, so that it runs anywhere, and without a loader. */
async function buildServer(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: {
      noExternal: true,
      resolve: { conditions: ['@swarm/source', ...defaultServerConditions] },
    },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      ssr: source('server.ts'),
      rolldownOptions: { output: { entryFileNames: 'server.mjs' } },
    },
  });
}

function source(name: string): string {
  return fileURLToPath(new URL(`page/${name}`, import.meta.url));
}

/** A page whose client is connected. */
async function open(name: string): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => uncaught.push(error));
  await page.goto(`http://${HOST}:${port}/?name=${name}`);
  await page.evaluate(() => testPage.heard('open', 1));
  return page;
}

/** Stop the page's clockwork, as a debugger would; returns what starts it again. */
async function halt(page: Page): Promise<() => Promise<unknown>> {
  const session = await context.newCDPSession(page);
  const paused = new Promise<void>((resolve) => session.once('Debugger.paused', () => resolve()));
  await session.send('Debugger.enable');
  await session.send('Debugger.pause');
  // It halts at the next thing it does.
  session.send('Runtime.evaluate', { expression: '0' }).catch(() => {});
  await paused;
  return () => session.send('Debugger.resume');
}

/** A process that listens on `port`. */
async function startServer(): Promise<ChildProcess> {
  const child = fork(join(folder, 'server.mjs'), [String(port), join(folder, 'main.js')], {
    execArgv: [],
  });
  stopAfter(() => kill(child));
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the server ended')));
  await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  return child;
}

/** Without a word to anybody, as a crash would. */
async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(child.pid, 'SIGKILL');
  await ended;
}

/**
 * A port nobody listens on, below those the system hands out: nobody gets it by chance while the
 * server is away.
 */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const candidate = randomInt(20_000, 32_768);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(candidate, HOST, () => resolve(true));
    });
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return candidate;
  }
  throw new Error('no port is free');
}
