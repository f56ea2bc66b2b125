import type { Violation } from './audit.ts';
import type { Core } from './core.ts';
import { Coverage } from './coverage.ts';
import { planOf } from './planner.ts';
import { type Result, runSchedule } from './schedule.ts';

/** A schedule in which something did not hold. */
export interface Failure {
  readonly seed: number;
  readonly violations: readonly Violation[];
}

/** What some schedules have shown. */
export interface Report {
  readonly schedules: number;
  readonly requests: number;
  readonly failures: readonly Failure[];
  readonly coverage: Uint32Array;
}

/** One of so many schedules runs twice, and has to do the same again. */
const TWICE_EVERY = 100;

/** Runs schedules of a core, one after another. */
export class Runner {
  readonly #core: Core;
  /** Rejections that nobody handled, since they were last looked at. */
  #rejections: unknown[] = [];

  constructor(core: Core) {
    this.#core = core;
    // Those of a schedule are told when its task is over, before the next one begins.
    process.on('unhandledRejection', this.#rejected);
    process.on('uncaughtException', this.#rejected);
  }

  stop(): void {
    process.off('unhandledRejection', this.#rejected);
    process.off('uncaughtException', this.#rejected);
  }

  /** Schedules of consecutive seeds; `isEnough` may end them early. */
  async run(
    firstSeed: number,
    count: number,
    isEnough: (failures: number) => boolean = () => false,
  ): Promise<Report> {
    const coverage = new Coverage();
    const failures: Failure[] = [];
    let [schedules, requests] = [0, 0];
    for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
      const result = await this.one(seed, coverage);
      schedules += 1;
      requests += result.requests;
      if (result.violations.length > 0) failures.push({ seed, violations: result.violations });
      if (isEnough(failures.length)) break;
    }
    return { schedules, requests, failures, coverage: coverage.counts };
  }

  async one(seed: number, coverage: Coverage): Promise<Result> {
    const plan = planOf(seed);
    const result = await this.result(plan, coverage, false);
    if (seed % TWICE_EVERY !== 0) return result;
    const again = await this.result(plan, new Coverage(), false);
    if (again.hash === result.hash) return result;
    const text = `another run of the same seed went another way: ${result.hash} ${again.hash}`;
    const violation: Violation = { invariant: 'I13', text, atMs: 0 };
    return { ...result, violations: [...result.violations, violation] };
  }

  /** What becomes of a plan, rejections that nobody handled included. */
  async result(
    plan: ReturnType<typeof planOf>,
    coverage: Coverage,
    isTraceKept: boolean,
  ): Promise<Result> {
    const result = await runSchedule(this.#core, plan, coverage, isTraceKept);
    if (this.#rejections.length === 0) return result;
    const violations = this.#rejections.splice(0).map((error): Violation => {
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { invariant: 'ALIVE', text: `nobody handled: ${words}`, atMs: 0 };
    });
    return { ...result, violations: [...result.violations, ...violations] };
  }

  readonly #rejected = (error: unknown): void => {
    this.#rejections.push(error);
  };
}
