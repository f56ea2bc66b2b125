import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';
import type { Station } from '../../swarm-station.ts';

const needs = 'detectsNoReceiver';

export const verdictClauses: readonly SwarmClause[] = [
  {
    id: 'VERDICT-1',
    statement: 'a publish that nobody hears is reported once, by its token, to its link',
    needs,
    run: reportedOnce,
  },
  {
    id: 'VERDICT-2',
    statement: 'of 1,000 publishes, those that nobody hears are reported, and no others',
    needs,
    run: noneMisjudged,
  },
  {
    id: 'VERDICT-3',
    statement: 'there is no verdict for the token 0',
    needs,
    run: noneForZero,
  },
  {
    id: 'VERDICT-4',
    statement: 'a subject is unheard as soon as unsubscribe has resolved',
    needs,
    run: unheardOnceLeft,
  },
  {
    id: 'VERDICT-5',
    statement: 'the subjects and the inbox of a link that closed become unheard',
    needs,
    run: unheardOnceClosed,
  },
  {
    id: 'VERDICT-6',
    statement: 'a swarm that does not claim detectsNoReceiver never reports anything',
    needs: 'detectsNoReceiver: false',
    run: neverReported,
  },
];

/** Of fences; no clause uses it for anything else. */
const FENCE = 1_999_999;

async function reportedOnce(bench: SwarmBench): Promise<void> {
  const { publisher, other } = await bench.open('publisher', 'other');
  const tokens = [1, 7, 65_536, 2 ** 32, Number.MAX_SAFE_INTEGER];

  for (const token of tokens) publisher.publish(bench.subject(), 'to nobody', token);
  await verdictFence(bench, publisher);

  assert.deepEqual(publisher.verdicts.toSorted(ascending), [...tokens, FENCE].toSorted(ascending));
  assert.deepEqual(other.verdicts, [], 'verdicts of another link');
}

async function noneMisjudged(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const heard = [station.inbox, publisher.inbox, ...bench.subjects(98)];
  await station.subscribe(...heard.slice(2));
  const unheard: number[] = [];
  const count = () => station.heard.length + publisher.heard.length;

  for (let token = 1; token <= 1_000; token += 1) {
    const isHeard = token % 3 !== 0;
    if (!isHeard) unheard.push(token);
    const subject = isHeard ? heard[token % heard.length] : undefined;
    publisher.publish(subject ?? bench.subject(), 'x', token);
  }
  await verdictFence(bench, publisher);
  await publisher.until(
    () => `${1_000 - unheard.length} messages are heard, and not ${count()}`,
    () => count() >= 1_000 - unheard.length,
  );
  await verdictFence(bench, publisher);

  assert.deepEqual(publisher.verdicts.toSorted(ascending), [...unheard, FENCE, FENCE]);
}

async function noneForZero(bench: SwarmBench): Promise<void> {
  const { publisher } = await bench.open('publisher');

  for (let i = 0; i < 10; i += 1) publisher.publish(bench.subject(), 'to nobody', 0);
  await verdictFence(bench, publisher);

  assert.deepEqual(publisher.verdicts, [FENCE]);
}

async function unheardOnceLeft(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subject = bench.subject();
  await station.subscribe(subject);
  publisher.publish(subject, 'heard', 1);
  await station.hears(1);

  await station.unsubscribe(subject);
  publisher.publish(subject, 'not heard', 2);
  await verdictFence(bench, publisher);

  assert.deepEqual(publisher.verdicts, [2, FENCE]);
}

async function unheardOnceClosed(bench: SwarmBench): Promise<void> {
  const { publisher, closing } = await bench.open('publisher', 'closing');
  const subject = bench.subject();
  await closing.subscribe(subject);
  await closing.close();

  // The broker may notice a moment later. Rounds end with a verdict, so nobody spins.
  const giveUp = performance.now() + bench.settleMs;
  for (let token = 2; performance.now() < giveUp; token += 2) {
    publisher.publish(subject, 'to nobody', token);
    publisher.publish(closing.inbox, 'to nobody', token + 1);
    await verdictFence(bench, publisher);
    const { verdicts } = publisher;
    if (verdicts.includes(token) && verdicts.includes(token + 1)) return;
  }
  assert.fail('a link that closed long ago still counts as a receiver');
}

async function neverReported(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');

  for (let token = 0; token <= 100; token += 1) {
    publisher.publish(bench.subject(), 'to nobody', token);
    publisher.publish(station.inbox, 'heard', token);
  }
  await station.hears(101);
  await publisher.fence();
  await publisher.subscribe(bench.subject());
  await publisher.fence();

  assert.deepEqual([...publisher.verdicts, ...station.verdicts], []);
}

/** Resolves with the verdict for a publish of now; those before it were given by then. */
async function verdictFence(bench: SwarmBench, publisher: Station): Promise<void> {
  const given = publisher.verdicts.filter((token) => token === FENCE).length;
  publisher.publish(bench.subject(), 'to nobody', FENCE);
  await publisher.until(
    () => 'a publish that nobody hears is reported',
    () => publisher.verdicts.filter((token) => token === FENCE).length > given,
  );
}

function ascending(a: number, b: number): number {
  return a - b;
}
