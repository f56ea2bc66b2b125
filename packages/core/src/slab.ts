const SLAB_BYTES = 32_768;

/** Memory that short messages share: making it for each by itself costs more than filling it. */
let slab: Uint8Array = new Uint8Array(0);
let slabAt = 0;

/** A place in the shared memory, with room for so many bytes; {@link take} what was written there. */
export function borrow(bytes: number): { readonly bytes: Uint8Array; readonly at: number } {
  if (slabAt + bytes > slab.length) {
    slab = new Uint8Array(Math.max(bytes, SLAB_BYTES));
    slabAt = 0;
  }
  return { bytes: slab, at: slabAt };
}

/** A view of what was written; in the shared memory, nobody else writes there from now on. */
export function take(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (bytes === slab) {
    if (start !== slabAt) throw new Error('two writers at a time');
    slabAt = end;
  }
  return bytes.subarray(start, end);
}
