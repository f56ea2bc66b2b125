import { FAULTS } from './faults.ts';
import { eachFrame, kindAt, SOCKET_KINDS, SWARM_KINDS, socketKind } from './wire.ts';

/** Rows of the table: kinds of frames in the swarm, then those on sockets. */
export const FRAME_KINDS: readonly string[] = [
  ...SWARM_KINDS,
  ...SOCKET_KINDS.map((kind) => `socket ${kind}`),
];

const COLUMNS = FAULTS.length;

/** How often frames of each kind met faults of each kind. */
export class Coverage {
  readonly counts: Uint32Array = new Uint32Array(FRAME_KINDS.length * COLUMNS);

  swarm(payload: Uint8Array, fault: number): void {
    eachFrame(payload, (start) => {
      const kind = kindAt(payload, start);
      if (kind < SWARM_KINDS.length) this.#count(kind, fault);
    });
  }

  socket(message: string | Uint8Array, fault: number): void {
    const kind = socketKind(message);
    if (kind !== undefined) this.#count(SWARM_KINDS.length + kind, fault);
  }

  add(counts: Uint32Array): void {
    for (const [index, count] of counts.entries()) {
      this.counts[index] = (this.counts[index] as number) + count;
    }
  }

  #count(row: number, fault: number): void {
    const index = row * COLUMNS + fault;
    this.counts[index] = (this.counts[index] as number) + 1;
  }
}
