import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, defaultServerConditions } from 'vite';
import { expect, onTestFinished } from 'vitest';
import { urlsOf } from '../src/arena.ts';

const SOURCES = resolve(import.meta.dirname, '../src');

/** The demo as programs, made from the sources of everything it uses. Returns their folder. */
export async function buildDemo(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'swarm-demo-'));
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: {
      noExternal: true,
      resolve: { conditions: ['@swarm/source', ...defaultServerConditions] },
    },
    build: {
      outDir,
      target: 'node20',
      ssr: true,
      rolldownOptions: {
        input: { main: join(SOURCES, 'main.ts'), worker: join(SOURCES, 'worker.ts') },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  });
  await writeFile(join(outDir, 'package.json'), '{ "type": "module" }');
  return outDir;
}

export async function removeDemo(folder: string): Promise<void> {
  await rm(folder, { recursive: true });
}

export interface DemoProcess {
  readonly child: ChildProcess;
  /** All it has said until now. */
  readonly output: string;
  /** Resolves to its exit code; null for a signal. */
  readonly exited: Promise<number | null>;
}

/** Runs the demo until the test is over, at the latest. */
export function runDemo(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): DemoProcess {
  const child = spawn(process.execPath, [join(folder, 'main.js'), ...args], {
    env: { ...process.env, SWARM_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const demo = { child, output: '', exited: once(child, 'close').then(([code]) => code) };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      demo.output += chunk.toString();
    });
  }
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await demo.exited;
  });
  return demo;
}

/** Where clients connect, as soon as they can. */
export async function addressOf(demo: DemoProcess): Promise<{ url: ReturnType<typeof urlsOf> }> {
  await expect.poll(() => demo.output, { timeout: 15_000 }).toContain('Ctrl+C ends it');
  const [, port] = /open http:\/\/localhost:(\d+)/.exec(demo.output) ?? [];
  return { url: urlsOf('127.0.0.1', Number(port)) };
}

/** Of its servers, by what it said of them last. */
export function pidsOf(demo: DemoProcess): readonly number[] {
  const said = [...demo.output.matchAll(/server (\w) is process (\d+)/g)];
  return [...new Map(said.map(([, name, pid]) => [name, Number(pid)])).values()];
}

/** Whether there is such a process; one that only waits for its parent to notice its end is none. */
export function isRunning(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (existsSync('/proc/self/stat')) {
    return existsSync(path) && !/.*\) Z/s.test(readFileSync(path, 'utf8'));
  }
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
