import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Arena, type ArenaOptions, newNamespace, urlsOf } from './arena.ts';
import type { ServerName } from './contract.ts';

/** The environment variable by which a worker is told what to do. */
export const PLAN_VARIABLE = 'SWARM_DEMO_PLAN';

/** What a worker is told. */
export type WorkerPlan = Omit<ArenaOptions, 'swarm'> & { readonly url: string };

/** What a worker says, once. */
export type Report =
  | { readonly port: number }
  | { readonly failed: string; readonly code: string | undefined };

export interface ProcessesOptions {
  readonly names: readonly ServerName[];
  /** Of the broker. */
  readonly url: string;
  readonly port: number;
  readonly host?: string | undefined;
  readonly page?: string | undefined;
  /** Where news of the processes go. */
  readonly say: (text: string) => void;
}

/** A process that died is replaced after this long; twice as long each time it did not get up. */
const RESTART_MS = 250;
const RESTART_MS_MAX = 4_000;
/** A process that does not end in time is killed. */
const PATIENCE_MS = 3_000;

/**
 * An arena whose servers live in processes of their own. `node:cluster` gives them one port: the
 * first process listens, and hands each connection to the next of those that live. So a client
 * needs one address, and comes back to another process when its own is gone.
 *
 * Rejects when one of them cannot be started. None outlives this process, however it ends.
 */
export async function startProcesses(options: ProcessesOptions): Promise<Arena> {
  const { names, host = '127.0.0.1', say, ...common } = options;
  const namespace = newNamespace();
  cluster.setupPrimary({ exec: fileURLToPath(new URL('./worker.js', import.meta.url)), args: [] });
  const slots = names.map((only) => {
    return new Slot({ ...common, host, names, only, namespace }, say);
  });
  const close = async () => {
    const ends = await Promise.all(slots.map((slot) => slot.close()));
    if (ends.includes('failed')) throw new Error('a process was killed, or failed at its end');
  };
  try {
    const [port = 0] = await Promise.all(slots.map((slot) => slot.start()));
    return { port, names, paths: [''], url: urlsOf(host, port), close };
  } catch (error) {
    // The reason for both, should that fail too, is this one.
    await close().catch(() => undefined);
    throw error;
  }
}

/** The place of one process, which another one takes when it dies. */
class Slot {
  readonly #plan: WorkerPlan;
  readonly #say: (text: string) => void;
  readonly #ending = new AbortController();
  #worker: Worker | null = null;

  constructor(plan: WorkerPlan, say: (text: string) => void) {
    this.#plan = plan;
    this.#say = say;
  }

  /** Resolves to the port when the process is ready. */
  async start(): Promise<number> {
    const worker = cluster.fork({ [PLAN_VARIABLE]: JSON.stringify(this.#plan) });
    this.#worker = worker;
    const exited = once(worker, 'exit');
    const report = await Promise.race([reportOf(worker), exited.then(() => null)]);
    if (report === null || 'failed' in report) {
      const { failed = 'it ended', code = null } = report ?? {};
      throw Object.assign(new Error(`server ${this.#plan.only}: ${failed}`), { code });
    }
    this.#say(`server ${this.#plan.only} is process ${worker.process.pid}`);
    exited.then(
      ([code, signal]) => this.#replace(signal ?? `code ${code}`),
      (error: Error) => this.#say(`server ${this.#plan.only}: ${error.message}`),
    );
    return report.port;
  }

  async close(): Promise<'ended' | 'failed'> {
    this.#ending.abort();
    const worker = this.#worker;
    if (worker === null || worker.isDead()) return 'ended';
    const exited = once(worker, 'exit');
    const impatience = setTimeout(() => worker.process.kill('SIGKILL'), PATIENCE_MS);
    worker.process.kill('SIGTERM');
    const [code] = await exited;
    clearTimeout(impatience);
    return code === 0 ? 'ended' : 'failed';
  }

  async #replace(how: string): Promise<void> {
    const { signal } = this.#ending;
    if (signal.aborted) return;
    this.#say(`server ${this.#plan.only} has ended by ${how}; another process takes its place`);
    for (let delayMs = RESTART_MS; ; delayMs = Math.min(delayMs * 2, RESTART_MS_MAX)) {
      // Rejects when it is all over.
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.start();
        return;
      } catch (error) {
        if (!signal.aborted) this.#say(`${(error as Error).message}; it is tried again`);
      }
    }
  }
}

async function reportOf(worker: Worker): Promise<Report> {
  const [report] = await once(worker, 'message');
  return report as Report;
}
