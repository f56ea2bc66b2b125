import { setTimeout as sleep } from 'node:timers/promises';
import type { Load, Run } from './protocol.ts';
import type { Ask, Asking, Step } from './role.ts';
import { quantile } from './statistics.ts';

/** After the end of a run, for what is still on its way. */
const STUCK_MS = 10_000;
/** Steps that are timed together, for a clock takes as long as some of them. */
const STEPS = 200;

/** Of all runs of the process, one after the other: making it anew would be part of their time. */
let latencies = new Float64Array(0);

/** The rest of a {@link Run} is the process's. */
type Measured = Omit<Run, 'cpuUs'>;

/** Keep so many requests in flight, each of them followed by the next when it is answered. */
export async function runLoad(asking: Asking, load: Load): Promise<Run> {
  if ('prepare' in asking) await asking.prepare?.();
  const before = process.cpuUsage();
  const measured =
    'step' in asking ? runSteps(asking.step, load) : await new ClosedLoop(asking.ask, load).run();
  const { user, system } = process.cpuUsage(before);
  return { ...measured, cpuUs: user + system };
}

class ClosedLoop {
  readonly #ask: Ask;
  readonly #load: Load;
  readonly #latencies: Float64Array;
  #made = 0;
  #answered = 0;
  #errors = 0;
  #firstError: unknown = null;
  #lastMs = 0;
  #startMs = 0;
  #allAnswered: () => void = () => {};

  constructor(ask: Ask, load: Load) {
    this.#ask = ask;
    this.#load = load;
    if (latencies.length < load.requestsMax) latencies = new Float64Array(load.requestsMax);
    this.#latencies = latencies;
  }

  async run(): Promise<Measured> {
    const { inFlight, ms } = this.#load;
    const over = new Promise<void>((resolve) => {
      this.#allAnswered = resolve;
    });
    this.#startMs = performance.now();
    for (let lane = 0; lane < inFlight; lane += 1) this.#startLane();
    const isStuck = await Promise.race([over.then(() => false), stuckAfter(ms + STUCK_MS)]);
    if (isStuck)
      this.#failed(new Error(`${this.#made - this.#answered} requests are not answered`));
    return this.#result();
  }

  #startLane(): void {
    const { ms, requestsMax } = this.#load;
    const endMs = this.#startMs + ms;
    let askedMs = performance.now();
    const next = () => {
      if (this.#made === requestsMax) return;
      this.#made += 1;
      try {
        this.#ask(done);
      } catch (error) {
        done(error);
      }
    };
    // One reading of the clock ends a request and begins the next.
    const done = (error: unknown) => {
      const nowMs = performance.now();
      this.#latencies[this.#answered] = nowMs - askedMs;
      this.#answered += 1;
      this.#lastMs = nowMs;
      askedMs = nowMs;
      if (error !== null) this.#failed(error);
      else if (nowMs < endMs) next();
      if (this.#answered === this.#made) this.#allAnswered();
    };
    next();
  }

  /** A lane in which something failed goes no further. */
  #failed(error: unknown): void {
    this.#errors += 1;
    this.#firstError ??= error;
  }

  #result(): Measured {
    const sorted = this.#latencies.subarray(0, this.#answered).sort();
    return {
      requests: this.#answered,
      errors: this.#errors,
      firstError: this.#firstError === null ? '' : String(this.#firstError),
      elapsedMs: this.#lastMs - this.#startMs,
      p50Us: quantile(sorted, 0.5) * 1_000,
      p99Us: quantile(sorted, 0.99) * 1_000,
    };
  }
}

async function stuckAfter(ms: number): Promise<boolean> {
  await sleep(ms, undefined, { ref: false });
  return true;
}

function runSteps(step: Step, { ms, requestsMax }: Load): Measured {
  const perStepUs: number[] = [];
  const startMs = performance.now();
  let nowMs = startMs;
  while (nowMs < startMs + ms && perStepUs.length * STEPS < requestsMax) {
    const sinceMs = nowMs;
    for (let i = 0; i < STEPS; i += 1) step();
    nowMs = performance.now();
    perStepUs.push(((nowMs - sinceMs) * 1_000) / STEPS);
  }
  const sorted = Float64Array.from(perStepUs).sort();
  return {
    requests: perStepUs.length * STEPS,
    errors: 0,
    firstError: '',
    elapsedMs: nowMs - startMs,
    p50Us: quantile(sorted, 0.5),
    p99Us: quantile(sorted, 0.99),
  };
}
