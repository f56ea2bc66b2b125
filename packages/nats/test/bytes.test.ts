import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Host, open, WAYS } from './fixture.ts';
import { Scripted } from './scripted.ts';

const MESSAGES = 1_000;
const BYTES_MAX = 200_000;

/** From none to the most, most of them small. */
const bytesOf = (i: number) => Math.floor((i / (MESSAGES - 1)) ** 3 * BYTES_MAX);

it.each(WAYS.slice(0, 2))('payloads stay as they came, over %s', async (_name, swarmAt) => {
  const server = await Scripted.start();
  const host = new Host();
  await open(swarmAt(server.url), host);
  const [, subject, sid] = (await server.hears('SUB swarm.p.test')).split(' ');
  const stream = Buffer.concat(
    Array.from({ length: MESSAGES }, (_, i) => [
      Buffer.from(`MSG ${subject} ${sid} ${bytesOf(i)}\r\n`),
      noise(bytesOf(i), i),
      Buffer.from('\r\n'),
    ]).flat(),
  );

  // Pieces that end anywhere: in payloads, in heads and between CR and LF.
  for (let start = 0, i = 0; start < stream.length; i += 1) {
    const end = start + 1 + ((i * 7_919) % (i % 10 === 0 ? 300_000 : 3_000));
    server.say(stream.subarray(start, end));
    start = end;
    await nextTurn();
  }
  await host.until(({ heard }) => heard.length === MESSAGES);

  const changed = host.heard.filter(
    ({ payload }, i) => noise(bytesOf(i), i).compare(payload) !== 0,
  );
  expect(changed).toEqual([]);
});

/** Bytes that look random and are the same for the same seed. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
