import assert from 'node:assert/strict';

/** Bytes that look random and are the same for the same seed. */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed + 1) * 2_654_435_761;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** The same bytes. Compared by hand: half a megabyte of difference is nothing to print. */
export function assertBytes(
  actual: Uint8Array | undefined,
  expected: Uint8Array,
  what: string,
): void {
  assert(actual instanceof Uint8Array, `${what} is no Uint8Array`);
  assert.equal(actual.length, expected.length, `length of ${what}`);
  const wrong = expected.findIndex((byte, i) => byte !== actual[i]);
  if (wrong !== -1)
    assert.fail(`byte ${wrong} of ${what} is ${actual[wrong]}, not ${expected[wrong]}`);
}
