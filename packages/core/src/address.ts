import { encodeUtf8 } from './codec.ts';

/**
 * Addresses carry their process. A generated node id is `<process>-<128 random bits>`, so that
 * whoever has the id can write to the inbox of its process; a chosen id has a subject of its own.
 */
const PROCESS_CHARS = 16;
const NODE_CHARS = 26;
const GENERATED_CHARS = PROCESS_CHARS + 1 + NODE_CHARS;
const GENERATED: RegExp = new RegExp(`^([a-z2-7]{${PROCESS_CHARS}})-[a-z2-7]{${NODE_CHARS}}$`);

/** Random bytes a process id and the own part of a node id are made of. */
export const PROCESS_ID_BYTES = 10;
export const NODE_ID_BYTES = 16;

export function processId(random: Uint8Array): string {
  return base32(random);
}

export function nodeId(process: string, random: Uint8Array): string {
  return `${process}-${base32(random)}`;
}

/** The process a generated id lives in; null for an id somebody chose. */
export function processOf(nodeId: string): string | null {
  if (nodeId.length !== GENERATED_CHARS || !GENERATED.test(nodeId)) return null;
  return nodeId.slice(0, PROCESS_CHARS);
}

/** Where every process hears what is meant for it or its nodes. */
export function inboxSubject(namespace: string, process: string): string {
  return `${namespace}.p.${process}`;
}

/** Where a node with a chosen id is reached by those who do not know its process. */
export function nodeSubject(namespace: string, nodeId: string): string {
  return `${namespace}.n.${escapeId(nodeId)}`;
}

/** Where every process hears who claims many ids at once. */
export function claimsSubject(namespace: string): string {
  return `${namespace}.c`;
}

/** Bytes outside `[A-Za-z0-9_-]` as `=hh`, so that no adapter ever sees an unsafe subject. */
export function escapeId(id: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(id)) return id;
  let escaped = '';
  for (const byte of encodeUtf8(id)) {
    const char = String.fromCharCode(byte);
    const safe = /[A-Za-z0-9_-]/.test(char);
    escaped += safe ? char : `=${byte.toString(16).padStart(2, '0')}`;
  }
  return escaped;
}

/** Whether `namespace` is one safe word; it stands unescaped in every subject. */
export function isNamespace(namespace: unknown): namespace is string {
  return typeof namespace === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(namespace);
}

const DIGITS: readonly number[] = Array.from('abcdefghijklmnopqrstuvwxyz234567', (digit) => {
  return digit.charCodeAt(0);
});

/** Made in one go: a text that grows by characters takes longer than all else that makes a node. */
function base32(bytes: Uint8Array): string {
  const digits: number[] = [];
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      digits.push(DIGITS[(held >> bits) & 31] as number);
      held &= (1 << bits) - 1;
    }
  }
  if (bits > 0) digits.push(DIGITS[(held << (5 - bits)) & 31] as number);
  return String.fromCharCode(...digits);
}
