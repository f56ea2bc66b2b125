import { eachFrame, readFrame, SWARM_KINDS, type WireFrame } from './wire.ts';

/** A message in the swarm, in words. */
export function describeMessage(payload: Uint8Array): string {
  const frames: string[] = [];
  let frame: WireFrame | null = null;
  eachFrame(payload, (start, end) => {
    frame = readSafely(payload, start, end, frame);
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

function readSafely(...place: Parameters<typeof readFrame>): WireFrame | null {
  try {
    return readFrame(...place);
  } catch {
    return null;
  }
}
