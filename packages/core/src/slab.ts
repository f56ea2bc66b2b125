/** Larger rooms are memory of their own, so that one of them does not keep a slab from the rest. */
const SLAB_BYTES = 32_768;
const SHARED_BYTES_MAX = 4_096;

/** Memory that short messages share: making it for each by itself costs more than filling it. */
let slab: Uint8Array = new Uint8Array(0);
let slabAt = 0;

/** So many bytes that nobody else writes to; what is in them is to be written over. */
export function roomFor(bytes: number): Uint8Array {
  if (bytes > SHARED_BYTES_MAX) return new Uint8Array(bytes);
  if (slabAt + bytes > slab.length) {
    slab = new Uint8Array(SLAB_BYTES);
    slabAt = 0;
  }
  slabAt += bytes;
  return slab.subarray(slabAt - bytes, slabAt);
}

/** The part of a room of at most `bytes` that `fill` says it has used. */
export function roomFilledBy(bytes: number, fill: (room: Uint8Array) => number): Uint8Array {
  const room = roomFor(bytes);
  const used = fill(room);
  if (room.buffer === slab.buffer) slabAt -= bytes - used;
  return room.subarray(0, used);
}
