import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEAT_MS, Supervisor, type SupervisorHost } from '../src/machine/supervisor.ts';

const reset = new Error('reset');

/** What may close the supervisor that tells of it. */
const CALLS = ['dial', 'ping', 'up', 'drop', 'down', 'retrying'] as const;
type Call = (typeof CALLS)[number];

/** A host that holds its supervisor to what it promises, whenever it is asked for something. */
class Judge implements SupervisorHost {
  readonly supervisor: Supervisor = new Supervisor(this);
  readonly counts: Map<Call, number> = new Map();
  chance = 0.5;
  nowMs = 1_000_000;
  alarmMs: number | null = null;
  delayMs = 0;
  /** The last link that was dialed, and the last ping. */
  epoch = 0;
  number = 0;
  /** Who is to close the supervisor. */
  closer: Call | null = null;
  isStarted = false;
  isClosed = false;
  #live: number | null = null;
  #up: number | null = null;
  #isAnswered = false;

  start(): void {
    this.isStarted = true;
    this.supervisor.start();
  }

  pong(epoch = this.epoch, number = this.number): void {
    if (epoch === this.#live && number === this.number) this.#isAnswered = true;
    this.supervisor.ponged(epoch, number);
  }

  /** The alarm goes off, so much too late; without one, it is a host that does not cancel it. */
  wake(lateMs = 0): void {
    this.nowMs = Math.max(this.nowMs, (this.alarmMs ?? 0) + lateMs);
    this.alarmMs = null;
    this.supervisor.alarmed(lateMs);
  }

  close(): void {
    this.supervisor.close();
    this.isClosed = true;
  }

  /** What holds between any two inputs. */
  check(): void {
    const { supervisor, isStarted, isClosed } = this;
    const epochs = [0, 1, this.epoch - 1, this.epoch, this.epoch + 1];
    const current = [...new Set(epochs)].filter((epoch) => supervisor.isCurrent(epoch));
    const is = [current, supervisor.isReady, this.alarmMs !== null];
    const live = this.#live === null ? [] : [this.#live];
    expect(is).toEqual([live, this.#up !== null && !isClosed, isStarted && !isClosed]);
  }

  dial(epoch: number): void {
    expect([epoch, this.#live]).toEqual([this.epoch + 1, null]);
    this.epoch = epoch;
    this.#live = epoch;
    this.#isAnswered = false;
    this.#called('dial');
  }

  ping(epoch: number, number: number): void {
    expect(epoch).toBe(this.#live);
    expect(number).toBeGreaterThan(this.number);
    this.number = number;
    this.#called('ping');
  }

  up(epoch: number): void {
    expect([epoch, this.#up, this.#isAnswered]).toEqual([this.#live, null, true]);
    this.#up = epoch;
    this.#called('up');
  }

  down(epoch: number, cause: unknown): void {
    expect([this.#up, this.#live]).toEqual([epoch, null]);
    expect(cause).toBeInstanceOf(Error);
    this.#up = null;
    this.#called('down');
  }

  drop(epoch: number): void {
    // No link is dropped but the present one, so none is dropped twice.
    expect(epoch).toBe(this.#live);
    this.#live = null;
    this.#called('drop');
  }

  retrying(attempt: number, delayMs: number): void {
    expect([delayMs, this.#live, this.#up]).toEqual([this.delayMs, null, null]);
    expect(attempt).toBeGreaterThan(0);
    expect(delayMs).toBeLessThan(1_000);
    this.#called('retrying');
  }

  alarm(delayMs: number | null): void {
    expect(this.isClosed).toBe(false);
    this.delayMs = delayMs ?? 0;
    this.alarmMs = delayMs === null ? null : this.nowMs + delayMs;
  }

  random(): number {
    return this.chance;
  }

  #called(call: Call): void {
    expect(this.isClosed).toBe(false);
    this.counts.set(call, (this.counts.get(call) ?? 0) + 1);
    if (call === this.closer) this.close();
  }
}

/** One input. What is `back` is about an earlier link, or an earlier ping. */
const inputs = fc.oneof(
  { weight: 8, arbitrary: fc.record({ opened: fc.constant(0) }) },
  { weight: 8, arbitrary: fc.record({ ponged: fc.constant(0), back: fc.constant(0) }) },
  { weight: 8, arbitrary: fc.record({ lateMs: fc.constantFrom(0, 0, 1, BEAT_MS, 5_000) }) },
  { weight: 4, arbitrary: fc.record({ failed: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ passMs: fc.nat(BEAT_MS) }) },
  { weight: 1, arbitrary: fc.record({ opened: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ ponged: fc.nat(2), back: fc.integer({ min: -1, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ failed: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ chance: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.constant('start' as const) },
);
type Input = typeof inputs extends fc.Arbitrary<infer T> ? T : never;

function put(judge: Judge, input: Input): void {
  const { supervisor, epoch, number } = judge;
  if (input === 'start') judge.start();
  else if ('lateMs' in input) judge.wake(input.lateMs);
  else if ('passMs' in input) judge.nowMs += input.passMs;
  else if ('chance' in input) judge.chance = input.chance / 100;
  else if ('opened' in input) supervisor.opened(epoch - input.opened);
  else if ('failed' in input) supervisor.failed(epoch - input.failed, reset);
  else judge.pong(epoch - input.ponged, number - input.back);
  judge.check();
}

describe('the delay before dialing again', () => {
  function newJudge(chance = 0.5): Judge {
    const judge = new Judge();
    judge.chance = chance;
    judge.start();
    return judge;
  }

  function open(judge: Judge): void {
    judge.supervisor.opened(judge.epoch);
    judge.pong();
  }

  /** The delay after the present link has failed; the next one is being dialed. */
  function delayAfterFailure(judge: Judge): number {
    judge.supervisor.failed(judge.epoch, reset);
    const { delayMs } = judge;
    judge.wake();
    return delayMs;
  }

  it.each([0, 0.5, 0.75])('is full jitter, its bound doubles from 50 ms to a second', (chance) => {
    const judge = newJudge(chance);
    const bounds = [50, 100, 200, 400, 800, 1_000, 1_000, 1_000];

    const delays = bounds.map(() => delayAfterFailure(judge));

    expect(delays).toEqual(bounds.map((boundMs) => boundMs * chance));
  });

  it('keeps growing for a link that comes up and is lost before a beat was answered', () => {
    const judge = newJudge();

    const delays = [25, 50, 100, 200].map(() => {
      open(judge);
      judge.wake();
      return delayAfterFailure(judge);
    });

    expect(delays).toEqual([25, 50, 100, 200]);
  });

  it('is short again after a link that worked for a whole beat', () => {
    const judge = newJudge();
    for (let i = 0; i < 6; i += 1) delayAfterFailure(judge);
    open(judge);
    judge.wake();
    judge.pong();

    const delays = [25, 50].map(() => delayAfterFailure(judge));

    expect(delays).toEqual([25, 50]);
  });

  it('does not take the first ping, come back twice, for a beat', () => {
    const judge = newJudge();
    delayAfterFailure(judge);
    open(judge);
    judge.pong();

    expect(delayAfterFailure(judge)).toBe(50);
  });
});

/** Some inputs before the start, some after it, and perhaps a closer from one of those on. */
function play(
  before: readonly Input[],
  after: readonly Input[],
  closing: readonly [at: number, closer: Call] | null,
): Judge {
  const judge = new Judge();
  for (const input of before) put(judge, input);
  judge.start();
  for (const [at, input] of after.entries()) {
    if (at === closing?.[0]) judge.closer = closing[1];
    put(judge, input);
  }
  return judge;
}

// One link at a time, dropped once; `up` and `down` in turn; one alarm whenever there is something
// to wait for; and silence after the end.
it('keeps its promises whatever it is told, and whoever closes it', () => {
  const seen = new Set<string>();
  const before = fc.array(inputs, { maxLength: 2 });
  const after = fc.array(inputs, { minLength: 20, maxLength: 80 });
  const closing = fc.option(fc.tuple(fc.nat(60), fc.constantFrom(...CALLS)), { freq: 3 });
  fc.assert(
    fc.property(before, after, closing, (...lists) => {
      const judge = play(...lists);
      if (judge.isClosed) seen.add(`closed by ${judge.closer}`);
      for (const [call, count] of judge.counts) if (count > 1) seen.add(`${call} again`);

      if (!judge.isClosed) judge.close();
      for (const input of lists[1]) put(judge, input);
    }),
    { numRuns: 1_000 },
  );

  expect([...seen].sort()).toEqual(
    CALLS.flatMap((call) => [`closed by ${call}`, `${call} again`]).sort(),
  );
}, 20_000);
