import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defaultServerConditions } from 'vite';
import { onTestFinished } from 'vitest';
import type { BrokerKind } from '../src/brokers.ts';

export interface OtherProcess {
  /** Kills the broker, and says so, when it is sent any message. */
  readonly parent: ChildProcess;
  /** Of the broker it has started. */
  readonly port: number;
  readonly folder: string;
}

/** Has a broker started by another process than this one. */
export async function startElsewhere(kind: BrokerKind): Promise<OtherProcess> {
  const outDir = await mkdtemp(join(tmpdir(), 'swarm-broker-parent-'));
  onTestFinished(() => rm(outDir, { recursive: true }));
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
      ssr: fileURLToPath(new URL('broker-parent.ts', import.meta.url)),
      rolldownOptions: { output: { entryFileNames: 'parent.mjs' } },
    },
  });
  const parent = fork(join(outDir, 'parent.mjs'), [kind]);
  onTestFinished(() => {
    parent.kill('SIGKILL');
  });
  const [started] = await once(parent, 'message');
  return { parent, ...started };
}
