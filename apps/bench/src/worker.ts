import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Load, Question, Run, Setup } from './protocol.ts';

const MAIN = fileURLToPath(new URL('./worker-main.js', import.meta.url));

/** Longest patience with an answer that is not a run's: connecting, or starting a peer. */
const ANSWER_MS = 60_000;

/** One end of one case, in a process of its own. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #name: string;

  /** `profileFolder` is where it leaves a CPU profile, if anywhere. */
  constructor(name: string, profileFolder: string | null) {
    this.#name = name;
    const profile = ['--cpu-prof', '--cpu-prof-dir', profileFolder ?? ''];
    const label = `--cpu-prof-name=${name.replaceAll(/[^\w.]+/g, '-')}.cpuprofile`;
    this.#child = fork(MAIN, [], {
      execArgv: profileFolder === null ? [] : [...profile, label],
      // What peers have to say of deprecations is no part of the report.
      stdio: ['ignore', 'ignore', process.env['BENCH_DEBUG'] ? 'inherit' : 'ignore', 'ipc'],
    });
  }

  async serve(setup: Setup): Promise<string | null> {
    return (await this.#question({ kind: 'serve', setup })) as string | null;
  }

  async attach(setup: Setup): Promise<string | null> {
    return (await this.#question({ kind: 'attach', setup })) as string | null;
  }

  async ask(setup: Setup): Promise<void> {
    await this.#question({ kind: 'ask', setup });
  }

  async run(load: Load): Promise<Run> {
    return (await this.#question({ kind: 'run', load }, load.ms)) as Run;
  }

  /** What it has used since it began, in microseconds. */
  async cpuUs(): Promise<number> {
    return (await this.#question({ kind: 'cpu' })) as number;
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }

  async #question(question: Question, ms = 0): Promise<unknown> {
    const asked = new AbortController();
    const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(ms + ANSWER_MS)]);
    try {
      if (!this.#child.connected) throw new Error('it has ended');
      this.#child.send(question);
      const [answer] = (await Promise.race([
        once(this.#child, 'message', { signal }),
        once(this.#child, 'exit', { signal }).then(() => {
          throw new Error('it has ended');
        }),
      ])) as [Answer];
      if (answer.ok) return answer.value;
      throw new Error(answer.error);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${this.#name}: ${question.kind}: ${reason}`, { cause });
    } finally {
      asked.abort();
    }
  }
}
