import assert from 'node:assert/strict';
import type { SwarmBench, SwarmClause } from '../../swarm-bench.ts';
import { assertBytes, noise } from '../payload.ts';

export const bytesClauses: readonly SwarmClause[] = [
  {
    id: 'BYTES-1',
    statement: 'bytes of every value arrive unchanged',
    run: everyValue,
  },
  {
    id: 'BYTES-2',
    statement: 'an empty payload arrives as an empty payload',
    run: emptyPayload,
  },
  {
    id: 'BYTES-3',
    statement: 'of a payload that is a view, what it shows arrives, and nothing around it',
    run: viewOfMore,
  },
  {
    id: 'BYTES-4',
    statement: 'delivered bytes stay as they are while later messages arrive',
    run: staysUnchanged,
  },
];

async function everyValue(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const ascending = Uint8Array.from({ length: 256 }, (_, i) => i);
  // Parts of texts, ends of lines, and what is no UTF-8.
  const rest = [[0xff], [0], [13, 10], [13, 10, 13, 10], [0xc3], [0xed, 0xa0, 0x80], [34, 92]];
  const payloads = [
    ascending,
    ascending.toReversed(),
    ...rest.map((bytes) => new Uint8Array(bytes)),
  ];

  for (const payload of payloads) publisher.publish(station.inbox, payload.slice());
  await station.hears(payloads.length);

  for (const [i, payload] of payloads.entries()) {
    assertBytes(station.heard[i]?.payload, payload, `payload ${i}`);
  }
}

async function emptyPayload(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const subject = bench.subject();
  await station.subscribe(subject);

  publisher.publish(subject, new Uint8Array());
  publisher.publish(subject, 'after it');
  await station.hears(2);

  assert.deepEqual(station.texts(), ['', 'after it']);
}

async function viewOfMore(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const expected: Uint8Array[] = [];

  for (const [start, end] of [
    [0, 10],
    [10, 20],
    [100, 1_000],
    [999, 1_000],
    [500, 500],
  ]) {
    const whole = noise(1_000, 1);
    expected.push(whole.slice(start, end));
    publisher.publish(station.inbox, whole.subarray(start, end));
  }
  await station.hears(expected.length);

  for (const [i, payload] of expected.entries()) {
    assertBytes(station.heard[i]?.payload, payload, `view ${i}`);
  }
}

async function staysUnchanged(bench: SwarmBench): Promise<void> {
  const { publisher, station } = await bench.open('publisher', 'station');
  const lengths = Array.from({ length: 1_000 }, (_, i) => (i * 37) % 5_000);

  for (const [i, length] of lengths.entries()) publisher.publish(station.inbox, noise(length, i));
  await station.hears(lengths.length);

  for (const [i, length] of lengths.entries()) {
    assertBytes(station.heard[i]?.payload, noise(length, i), `message ${i}, looked at later`);
  }
}
