import type { Message } from '@swarm/core';
import type { Random } from './random.ts';
import { SOCKET_KINDS } from './wire.ts';

/** A correlation id that nobody gets to. */
const FAR_ID = 1_000_000;

/** What a hostile other end may say at any time, and must not be believed, or be harmed by. */
export function hostileMessage(random: Random, isBinary: boolean): Message {
  if (random.chance(0.2)) return isBinary ? random.bytes(random.below(30)) : random.pick(NONSENSE);
  // A `close` ends the conversation, and it may.
  const kind = random.below(SOCKET_KINDS.length - 1);
  return isBinary ? binary(kind) : text(kind);
}

const NONSENSE: readonly string[] = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '{"type":"item","correlationId":"1"}',
  '{"type":"x-own"}',
  '{"type":"__proto__"}',
  '{"type":"request","correlationId":"1000000","name":"x.9","args":[{"__proto__":1}]}',
  '{"type":"event","name":"","args":[]}',
];

function text(kind: number): string {
  const type = SOCKET_KINDS[kind] ?? 'init';
  const common = { type, correlationId: `${FAR_ID}` };
  switch (type) {
    case 'init':
      return JSON.stringify({ type, node: 'somebody' });
    case 'request':
    case 'event':
      return JSON.stringify({ ...common, name: 'x.9999999', args: [] });
    case 'response':
      return JSON.stringify({ ...common, result: [0, -1] });
    case 'error':
      return JSON.stringify({ ...common, errorType: 'protocol', message: 'forged', data: null });
    default:
      return JSON.stringify(common);
  }
}

/** The id and the text `x.9999999` in bytes of `swarm.1`. */
const ID: readonly number[] = [0xc0, 0x84, 0x3d];
const NAME: readonly number[] = [9, ...Buffer.from('x.9999999')];

function binary(kind: number): Uint8Array {
  switch (SOCKET_KINDS[kind]) {
    case 'init':
      return bytes([kind], '{"node":"somebody"}');
    case 'request':
      return bytes([kind, ...ID, 0, 0, ...NAME, 0], '[]');
    case 'event':
      return bytes([kind, 0, ...NAME, 0], '[]');
    case 'response':
      return bytes([kind, ...ID, 0], '[0,-1]');
    case 'error':
      return bytes([kind, ...ID], '{"errorType":"protocol","message":"forged","data":null}');
    default:
      return bytes([kind, ...ID], '');
  }
}

function bytes(header: readonly number[], body: string): Uint8Array {
  return Uint8Array.from([...header, ...Buffer.from(body)]);
}
