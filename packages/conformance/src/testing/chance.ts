/** Bytes that are the same for the same seed and stream (mulberry32). */
export function chance(seed: number, stream: number): (length: number) => Uint8Array {
  // An odd factor, so that no two streams of a seed begin alike.
  let state = (seed ^ Math.imul(stream, 0x9e3779b1)) | 0;
  const byte = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) & 255;
  };
  return (length) => Uint8Array.from({ length }, byte);
}
