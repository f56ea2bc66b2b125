import { ROOT } from './packages.ts';
import type { Case, Metric } from './plan.ts';
import type { Load, Run, Setup } from './protocol.ts';
import type { Cell, Failure } from './report.ts';
import { cpuUsOf, loopbackBytes } from './usage.ts';
import { Worker } from './worker.ts';

/** What all cases of a group share. */
export interface Surroundings {
  readonly urls: Readonly<Record<string, string>>;
  /** Of the brokers whose time counts. */
  readonly brokerPids: readonly number[];
  readonly payloadBytes: number;
  readonly profileFolder: string | null;
  readonly log: (text: string) => void;
}

type Values = { -readonly [Name in Exclude<keyof Cell, 'case' | 'conc' | 'size'>]: number[] };

/** One case: its processes, and what was measured of them. */
export class Contender {
  readonly #case: Case;
  readonly #surroundings: Surroundings;
  #client: Worker | null = null;
  #server: Worker | null = null;
  /** By the number of requests in flight. */
  readonly #values: Map<number, Values> = new Map();
  #error: string | null = null;

  constructor(one: Case, surroundings: Surroundings) {
    this.#case = one;
    this.#surroundings = surroundings;
  }

  /** None of a case that has failed: what it did before that counts for nothing. */
  get cells(): readonly Cell[] {
    if (this.#error !== null) return [];
    const { name } = this.#case;
    const size = this.#surroundings.payloadBytes;
    return [...this.#values].map(([conc, values]) => ({ case: name, conc, size, ...values }));
  }

  get failures(): readonly Failure[] {
    return this.#error === null ? [] : [{ case: this.#case.name, error: this.#error }];
  }

  /** Two processes, or one where there is nobody to answer. */
  async start(): Promise<void> {
    const { role, variant = '', root = ROOT, name } = this.#case;
    const { urls, payloadBytes, profileFolder } = this.#surroundings;
    const setup: Setup = { role, variant, root, urls, payloadBytes, address: '' };
    await this.#attempt(async () => {
      this.#server = new Worker(`${name}, server`, profileFolder);
      const address = await this.#server.serve(setup);
      if (address === null) {
        await this.#server.stop();
        this.#server = null;
      }
      this.#client = new Worker(`${name}, client`, profileFolder);
      await this.#client.ask({ ...setup, address: address ?? '' });
    });
  }

  async warmUp(load: Load): Promise<void> {
    await this.#attempt(async () => {
      checked(await this.#client?.run(load));
    });
  }

  async turn(load: Load): Promise<void> {
    await this.#attempt(async () => {
      const before = await this.#usage();
      const run = checked(await this.#client?.run(load));
      const after = await this.#usage();
      const { requests } = run;
      const serverCpu = (after.server - before.server) / requests;
      const clientCpu = run.cpuUs / requests;
      this.#add(load.inFlight, {
        rps: requests / (run.elapsedMs / 1_000),
        p50: run.p50Us,
        p99: run.p99Us,
        cpu: serverCpu + clientCpu,
        serverCpu,
        clientCpu,
        brokerCpu: (after.broker - before.broker) / requests,
        wire: (after.wire - before.wire) / requests,
      });
    });
  }

  async stop(): Promise<void> {
    await this.#client?.stop();
    await this.#server?.stop();
  }

  async #usage(): Promise<Readonly<Record<'server' | 'broker' | 'wire', number>>> {
    const { brokerPids } = this.#surroundings;
    const broker = brokerPids.reduce((sum, pid) => sum + cpuUsOf(pid), 0);
    return { server: (await this.#server?.cpuUs()) ?? 0, broker, wire: loopbackBytes() };
  }

  #add(inFlight: number, measured: Readonly<Record<Metric | 'serverCpu' | 'clientCpu', number>>) {
    let values = this.#values.get(inFlight);
    if (values === undefined) {
      const parts = { serverCpu: [], clientCpu: [] };
      values = { rps: [], p50: [], p99: [], cpu: [], ...parts, brokerCpu: [], wire: [] };
      this.#values.set(inFlight, values);
    }
    for (const [metric, list] of Object.entries(values)) list.push(measured[metric as Metric]);
  }

  /** The first failure of a case is its last: the others go on without it. */
  async #attempt(act: () => Promise<void>): Promise<void> {
    if (this.#error !== null) return;
    try {
      await act();
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
      this.#surroundings.log(`${this.#case.name} has failed: ${this.#error}`);
      await this.stop();
    }
  }
}

/** @throws Error when anything was not answered as it should be. */
function checked(run: Run | undefined): Run {
  if (run === undefined) throw new Error('it has not started');
  if (run.errors > 0) throw new Error(`${run.errors} of ${run.requests} failed: ${run.firstError}`);
  return run;
}
