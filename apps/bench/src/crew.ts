import type { Case } from './plan.ts';
import type { Load, Run, Setup } from './protocol.ts';
import { median } from './statistics.ts';
import { Worker } from './worker.ts';

/** What all the processes of a case have done in one run. */
export interface Shift extends Omit<Run, 'cpuUs'> {
  /** Of those that answer; in a crowd, of all. */
  readonly servingUs: number;
  /** Of those that only ask. */
  readonly askingUs: number;
}

/** The processes of one case, until it stops them. */
export class Crew {
  readonly #name: string;
  readonly #profileFolder: string | null;
  readonly #serving: Worker[] = [];
  readonly #asking: Worker[] = [];

  constructor(name: string, profileFolder: string | null) {
    this.#name = name;
    this.#profileFolder = profileFolder;
  }

  /** Whoever answers comes first: none of them is asked before it is ready. */
  async start({ crowd }: Pick<Case, 'crowd'>, setup: Setup): Promise<void> {
    if (crowd === undefined) await this.#startLine(setup);
    else await this.#startCrowd(crowd, setup);
  }

  /** All that ask do so at the same time, each as much as it says. */
  async run(load: Load): Promise<Shift> {
    const before = await this.#servingUs();
    const runs = await Promise.all(this.#asking.map((worker) => worker.run(load)));
    const after = await this.#servingUs();
    const { cpuUs, ...together } = merged(runs);
    const isCrowd = this.#asking.some((worker) => this.#serving.includes(worker));
    return { ...together, servingUs: after - before, askingUs: isCrowd ? 0 : cpuUs };
  }

  async stop(): Promise<void> {
    const all = new Set([...this.#asking, ...this.#serving]);
    for (const worker of all) await worker.stop();
  }

  /** A server, perhaps a client of it, and who asks; roles that need fewer have fewer. */
  async #startLine(setup: Setup): Promise<void> {
    const served = await this.#startServing('server', (worker) => worker.serve(setup));
    const whole = { ...setup, address: served ?? '' };
    const attached = await this.#startServing('client', (worker) => worker.attach(whole));
    const asking = this.#worker('asking');
    this.#asking.push(asking);
    await asking.ask({ ...setup, address: attached ?? whole.address });
  }

  /** Where it is, or null of a role that has no such end. */
  async #startServing(
    end: string,
    start: (worker: Worker) => Promise<string | null>,
  ): Promise<string | null> {
    const worker = this.#worker(end);
    this.#serving.push(worker);
    const address = await start(worker);
    if (address === null) await this.#serving.pop()?.stop();
    return address;
  }

  async #startCrowd(size: number, setup: Setup): Promise<void> {
    const addresses: string[] = [];
    for (let number = 1; number <= size; number += 1) {
      const worker = this.#worker(`${number}`);
      this.#serving.push(worker);
      addresses.push((await worker.serve(setup)) ?? '');
    }
    for (const [index, worker] of this.#serving.entries()) {
      const others = addresses.toSpliced(index, 1).join(' ');
      await worker.ask({ ...setup, address: others });
      this.#asking.push(worker);
    }
  }

  #worker(end: string): Worker {
    return new Worker(`${this.#name}, ${end}`, this.#profileFolder);
  }

  async #servingUs(): Promise<number> {
    const times = await Promise.all(this.#serving.map((worker) => worker.cpuUs()));
    return times.reduce((sum, time) => sum + time, 0);
  }
}

/** As if one had asked; its times to answer are the median of theirs, and the worst of theirs. */
export function merged(runs: readonly Run[]): Run {
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run), 0);
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    firstError: runs.find(({ firstError }) => firstError !== '')?.firstError ?? '',
    elapsedMs: Math.max(...runs.map(({ elapsedMs }) => elapsedMs)),
    p50Us: median(runs.map(({ p50Us }) => p50Us)),
    p99Us: Math.max(...runs.map(({ p99Us }) => p99Us)),
    cpuUs: sum(({ cpuUs }) => cpuUs),
  };
}
