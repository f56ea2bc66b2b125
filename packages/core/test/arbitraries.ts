import fc from 'fast-check';
import { processId } from '../src/address.ts';
import { Body } from '../src/body.ts';
import { isMeta, isNodeId } from '../src/guard.ts';
import { SWARM_KINDS, type SwarmFrame, TARGET_KINDS, VIAS } from '../src/swarm-frame.ts';

/** Any text UTF-8 can carry, the awkward ones often. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\u0000', '\u2028', '\ufeff', 'é', '😀', '.') }),
);

/** Any text at all: halves of characters too. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  text,
  fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', 'a', 'é', '€') }),
);

export const name: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('add', 'orders.create', '*', '__proto__', 'constructor', 'x'.repeat(256)),
  text.filter((value) => value !== '' && value.length <= 64),
);

export const nodeIds: fc.Arbitrary<string> = text.filter(isNodeId);

export const processIds: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 10, maxLength: 10 })
  .map(processId);

/** What a call may bring along: no key that decoding would refuse. */
export const metas = fc.option(
  fc
    .dictionary(text, text, { maxKeys: 4 })
    .filter((meta) => isMeta(meta) && !Object.hasOwn(meta, '__proto__')),
  { nil: undefined },
);

/** JSON values that no guard has a reason to refuse, in a body. */
export const json: fc.Arbitrary<unknown> = fc
  .jsonValue({ maxDepth: 4 })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
  .filter((value) => !/__proto__|constructor/.test(JSON.stringify(value)));

export const counters = fc.oneof(fc.nat(), fc.maxSafeNat());

/** Frames that a process of this version could send. */
export const swarmFrames: fc.Arbitrary<SwarmFrame> = fc
  .record({
    kind: fc.constantFrom(...SWARM_KINDS),
    target: fc.constantFrom(...TARGET_KINDS),
    to: nodeIds,
    process: processIds,
    node: fc.option(nodeIds),
    id: counters,
    ttlMs: fc.nat(86_400_000),
    via: fc.constantFrom(...VIAS),
    name,
    meta: metas,
    body: json.map((value) => Body.of(value)),
  })
  .map((frame) => ({
    ...frame,
    to: frame.target === 'process' ? '' : frame.to,
    name: frame.kind === 'request' || frame.kind === 'event' ? frame.name : '',
  }));
