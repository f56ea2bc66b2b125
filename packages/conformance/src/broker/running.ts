import { rm } from 'node:fs/promises';
import type { Broker, BrokerKind } from './broker.ts';
import { startPart, untilAnswering } from './part.ts';
import { HOST, type ReservedPort } from './port.ts';
import type { Part } from './recipe.ts';
import type { Tethered } from './tethered.ts';

export interface RunningOptions {
  readonly kind: BrokerKind;
  readonly scheme: string;
  readonly folder: string;
  /** That of the clients first. */
  readonly reserved: readonly ReservedPort[];
  readonly startMsMax: number;
}

/** What belongs to one broker: processes, ports and a folder, from its start to its stop. */
export class RunningBroker implements Broker {
  readonly kind: BrokerKind;
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly #reserved: readonly ReservedPort[];
  readonly #startMsMax: number;
  /** The last one is the broker, after those that it depends on. */
  readonly #processes: Map<Part, Tethered> = new Map();
  #stopped: Promise<void> | null = null;

  constructor({ kind, scheme, folder, reserved, startMsMax }: RunningOptions) {
    this.kind = kind;
    this.port = reserved[0]?.port ?? 0;
    this.url = `${scheme}://${HOST}:${this.port}`;
    this.folder = folder;
    this.#reserved = reserved;
    this.#startMsMax = startMsMax;
  }

  get pid(): number {
    return this.#broker.process.pid;
  }

  get isRunning(): boolean {
    return !this.#broker.process.hasExited;
  }

  async start(parts: readonly Part[]): Promise<void> {
    for (const part of parts) await this.#launch(part);
  }

  kill(): Promise<void> {
    return this.#broker.process.kill();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.#launch(this.#broker.part);
  }

  pause(): Promise<void> {
    return this.#broker.process.pause();
  }

  async resume(): Promise<void> {
    this.#broker.process.resume();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  get #broker(): { readonly part: Part; readonly process: Tethered } {
    const [part, process] = [...this.#processes].at(-1) ?? [];
    if (part === undefined || process === undefined) throw new TypeError('not started');
    return { part, process };
  }

  async #launch(part: Part): Promise<void> {
    if (this.#stopped !== null) throw new TypeError('the broker has been stopped for good');
    const process = startPart(part, this.folder);
    this.#processes.get(part)?.dismissWatchdog();
    this.#processes.set(part, process);
    await untilAnswering(part, process, this.folder, this.#startMsMax);
  }

  async #stop(): Promise<void> {
    const processes = [...this.#processes.values()];
    for (const process of processes.toReversed()) await process.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    for (const { dismissWatchdog } of processes) dismissWatchdog();
    for (const { release } of this.#reserved) release();
  }
}
