import { Crew, type Shift } from './crew.ts';
import { ROOT } from './packages.ts';
import type { Case, Metric } from './plan.ts';
import type { Load, Setup } from './protocol.ts';
import type { Cell, Failure } from './report.ts';
import { cpuUsOf, loopbackBytes } from './usage.ts';

/** What a case is given. */
export interface Surroundings {
  readonly urls: Readonly<Record<string, string>>;
  /** Of the brokers whose time counts. */
  readonly brokerPids: readonly number[];
  readonly scope: string;
  readonly payloadBytes: number;
  readonly profileFolder: string | null;
  readonly log: (text: string) => void;
}

type Values = { -readonly [Name in Exclude<keyof Cell, 'case' | 'conc' | 'size'>]: number[] };

/** One case: its processes, and what was measured of them. */
export class Contender {
  readonly #case: Case;
  readonly #surroundings: Surroundings;
  readonly #crew: Crew;
  /** By the number of requests in flight. */
  readonly #values: Map<number, Values> = new Map();
  #error: string | null = null;

  constructor(one: Case, surroundings: Surroundings) {
    this.#case = one;
    this.#surroundings = surroundings;
    this.#crew = new Crew(one.name, surroundings.profileFolder);
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

  async start(): Promise<void> {
    const { role, variant = '', root = ROOT } = this.#case;
    const { urls, scope, payloadBytes } = this.#surroundings;
    const setup: Setup = { role, variant, root, urls, scope, payloadBytes, address: '' };
    await this.#attempt(() => this.#crew.start(this.#case, setup));
  }

  async warmUp(load: Load): Promise<void> {
    const inFlight = Math.min(load.inFlight, this.#case.inFlightMax ?? load.inFlight);
    await this.#attempt(async () => {
      checked(await this.#crew.run({ ...load, inFlight }));
    });
  }

  /** Nothing of a case for which that is too much. */
  async turn(load: Load): Promise<void> {
    if (load.inFlight > (this.#case.inFlightMax ?? load.inFlight)) return;
    await this.#attempt(async () => {
      const before = this.#usage();
      const { requests, elapsedMs, ...shift } = checked(await this.#crew.run(load));
      const after = this.#usage();
      const serverCpu = shift.servingUs / requests;
      const clientCpu = shift.askingUs / requests;
      this.#add(load.inFlight, {
        rps: requests / (elapsedMs / 1_000),
        p50: shift.p50Us,
        p99: shift.p99Us,
        cpu: serverCpu + clientCpu,
        serverCpu,
        clientCpu,
        brokerCpu: (after.broker - before.broker) / requests,
        wire: (after.wire - before.wire) / requests,
      });
    });
  }

  async stop(): Promise<void> {
    await this.#crew.stop();
  }

  #usage(): Readonly<Record<'broker' | 'wire', number>> {
    const { brokerPids } = this.#surroundings;
    const broker = brokerPids.reduce((sum, pid) => sum + cpuUsOf(pid), 0);
    return { broker, wire: loopbackBytes() };
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
function checked(run: Shift): Shift {
  if (run.errors > 0) throw new Error(`${run.errors} of ${run.requests} failed: ${run.firstError}`);
  return run;
}
