import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ActorOptions, Command } from '../actor/command.ts';
import type { Listener } from '../actor/journal.ts';
import type { Order, Report } from '../actor/mail.ts';
import type { ActorHandle } from './handle.ts';
import type { Proxies } from './proxies.ts';

/** Compiled, whoever asks: Node does not run this source. */
const PROGRAM = fileURLToPath(new URL('../../dist/actor/main.js', import.meta.url));

/** An actor in a process of its own, which reaches its broker through these proxies, and ends them. */
export async function startForked(
  options: ActorOptions,
  listener: Listener,
  proxies: Proxies,
): Promise<ActorHandle> {
  // Not with the options of this process, which may be those of a test.
  const child = fork(PROGRAM, [], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const forked = new Forked(options, child, listener, proxies);
  try {
    await forked.started;
  } catch (error) {
    await forked.end();
    throw error;
  }
  return forked;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

class Forked implements ActorHandle {
  readonly name: string;
  readonly wire: Proxies;
  readonly started: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #listener: Listener;
  readonly #waiting: Map<number, Waiting> = new Map();
  #lastId = 0;
  #isEnding = false;

  constructor(options: ActorOptions, child: ChildProcess, listener: Listener, proxies: Proxies) {
    this.name = options.name;
    this.wire = proxies;
    this.#child = child;
    this.#listener = listener;
    child.on('message', (report: Report) => this.#hear(report));
    child.once('exit', (code, signal) => this.#exited(code ?? signal));
    this.started = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }));
    this.#send({ start: options });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  do(command: Command): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve, reject });
      this.#send({ id: this.#lastId, command });
    });
  }

  async freeze(ms: number): Promise<void> {
    this.#child.kill('SIGSTOP');
    await sleep(ms);
    this.#child.kill('SIGCONT');
  }

  async crash(): Promise<void> {
    this.#isEnding = true;
    await this.#kill();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#kill();
    await this.wire.close();
  }

  async #kill(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #send(order: Order): void {
    // That it is gone is told by its exit.
    this.#child.send(order, () => {});
  }

  #hear(report: Report): void {
    // What a killed process had told before is part of the trace, but nothing after that.
    if (report.kind === 'entry') return this.#isEnding ? undefined : this.#listener(report.entry);
    const id = report.kind === 'started' ? 0 : report.id;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (report.kind === 'failed') waiting?.reject(new Error(`${this.name}: ${report.message}`));
    else waiting?.resolve(report.kind === 'done' ? report.result : null);
  }

  #exited(how: number | string | null): void {
    const error = new Error(`the process of ${this.name} has ended: ${how}`);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    if (!this.#isEnding) console.error(error.message);
  }
}
