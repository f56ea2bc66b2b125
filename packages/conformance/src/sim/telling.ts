import { eachFrame, readFrame, SWARM_KINDS, type WireFrame } from './wire.ts';

/** A message in the swarm, in words. */
export function describeMessage(payload: Uint8Array): string {
  const frames: string[] = [];
  eachFrame(payload, (start, end) => {
    const frame = readSafely(payload, start, end);
    if (frame === null) return frames.push('nonsense');
    const { kind, id, to, process, node, name } = frame;
    const words = [SWARM_KINDS[kind] ?? `kind ${kind}`, `#${id}`];
    if (name !== '') words.push(name);
    if (to !== '') words.push(`to ${to}`);
    words.push(`from ${process}${node === '' ? '' : ` as ${node}`}`);
    frames.push(words.join(' '));
  });
  return frames.join(' + ');
}

function readSafely(payload: Uint8Array, start: number, end: number): WireFrame | null {
  try {
    return readFrame(payload, start, end);
  } catch {
    return null;
  }
}
