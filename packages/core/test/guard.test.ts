import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isCloseCode,
  isErrorFields,
  isMeta,
  isName,
  isNodeId,
  isReason,
  isRecord,
  isText,
  isWireId,
  isWireMessage,
} from '../src/guard.ts';
import { LIMITS } from '../src/index.ts';
import { swarmHeaderSchema, wireMessageSchema } from '../src/schema.ts';
import { isSwarmHeader, SWARM_KINDS, TARGET_KINDS, VIAS } from '../src/swarm-frame.ts';
import {
  anyText,
  counters,
  json,
  metas,
  name,
  nodeIds,
  processIds,
  swarmFrames,
} from './arbitraries.ts';

describe('guards at their limits', () => {
  it('nameBytesMax: a name has 1 to so many bytes', () => {
    expect([isName(''), isName('a'), isName('.'), isName(7), isName(null)]).toEqual([
      ...[false, true, true, false, false],
    ]);
    expect(isName('é'.repeat(LIMITS.nameBytesMax / 2))).toBe(true);
    expect(isName(`${'é'.repeat(LIMITS.nameBytesMax / 2)}x`)).toBe(false);
  });

  it('nodeIdBytesMax: a node id has 1 to so many bytes', () => {
    expect([isNodeId('x'.repeat(LIMITS.nodeIdBytesMax)), isNodeId('')]).toEqual([true, false]);
    expect(isNodeId('x'.repeat(LIMITS.nodeIdBytesMax + 1))).toBe(false);
  });

  it('correlationIdCharsMax: an id is a text of at most so many units, or a whole number', () => {
    expect(isWireId('x'.repeat(LIMITS.correlationIdCharsMax))).toBe(true);
    expect(isWireId('x'.repeat(LIMITS.correlationIdCharsMax + 1))).toBe(false);
    expect([isWireId(''), isWireId(0), isWireId(Number.MAX_SAFE_INTEGER)]).toEqual([
      ...[true, true, true],
    ]);
    expect([isWireId(-1), isWireId(0.5), isWireId(2 ** 53), isWireId(null)]).toEqual([
      ...[false, false, false, false],
    ]);
  });

  it('metaBytesMax: meta is texts of at most so many bytes in all, keys counted', () => {
    expect(isMeta({ ab: 'x'.repeat(LIMITS.metaBytesMax - 2) })).toBe(true);
    expect(isMeta({ ab: 'x'.repeat(LIMITS.metaBytesMax - 1) })).toBe(false);
    expect([isMeta({}), isMeta({ a: 1 }), isMeta([]), isMeta(null)]).toEqual([
      ...[true, false, false, false],
    ]);
  });

  it('timeoutMsMax: a request may ask for so much time', () => {
    const request = { type: 'request', correlationId: 1, name: 'x' };

    expect(isWireMessage({ ...request, ttlMs: LIMITS.timeoutMsMax })).toBe(true);
    for (const ttlMs of [LIMITS.timeoutMsMax + 1, -1, '5', null, Number.NaN]) {
      expect(isWireMessage({ ...request, ttlMs })).toBe(false);
    }
  });

  it('reasonBytesMax: the reason of a close has at most so many bytes', () => {
    expect(isReason('x'.repeat(LIMITS.reasonBytesMax))).toBe(true);
    expect(isReason(`${'é'.repeat(61)}xx`)).toBe(false);
    expect(isReason(7)).toBe(false);
  });

  it('a text survives UTF-8: it has no halves of characters', () => {
    expect([isText('😀', 4), isText('😀', 3)]).toEqual([true, false]);
    expect([isText('\ud83d', 9), isText('a\ude00', 9)]).toEqual([false, false]);
  });

  // RFC 6455 §7.4: 1004 to 1006 and 1015 never travel, and 1016 to 2999 are for its successors.
  it('a close code is one that a close frame may carry', () => {
    for (const code of [1000, 1001, 1003, 1007, 1014, 3000, 4409, 4999]) {
      expect(isCloseCode(code)).toBe(true);
    }
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2000, 5000, 1000.5, '1000', null]) {
      expect(isCloseCode(code)).toBe(false);
    }
  });

  it('a record is an object and no list', () => {
    expect([{}, [], null, 'x', undefined].map(isRecord)).toEqual([
      ...[true, false, false, false, false],
    ]);
  });

  it('an error has a type, and no field of another kind than it should', () => {
    expect(isErrorFields({ errorType: 'endpoint' })).toBe(true);
    const valid = { errorType: 'x', errorSubtype: null, message: '', code: 'E', delivered: 'no' };
    expect(isErrorFields(valid)).toBe(true);
    for (const fields of [
      null,
      {},
      ...[{ errorSubtype: 1 }, { message: null }, { code: 1 }, { delivered: 'maybe' }].map(
        (field) => ({ ...valid, ...field }),
      ),
    ]) {
      expect(isErrorFields(fields)).toBe(false);
    }
  });
});

const wireIds = fc.oneof(fc.string(), counters, fc.constant('x'.repeat(129)));

/** One of each type, with everything it may have. */
const valid: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record(
    {
      type: fc.constant('init'),
      node: fc.oneof(nodeIds, anyText),
      contract: fc.option(
        fc.record(
          { name, version: fc.oneof(name, anyText), hash: name },
          { requiredKeys: ['name'] },
        ),
        { nil: undefined },
      ),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constant('close'), code: fc.nat(6_000), reason: anyText }),
  fc.record({ type: fc.constantFrom('ping', 'pong', 'cancel'), correlationId: wireIds }),
  fc.record({
    type: fc.constantFrom('request', 'event'),
    correlationId: wireIds,
    name,
    args: json,
    ttlMs: fc.nat(86_400_000),
    meta: metas,
  }),
  fc.record({ type: fc.constant('response'), correlationId: wireIds, result: json }),
  fc.record({
    type: fc.constant('error'),
    correlationId: fc.option(wireIds),
    errorType: fc.constantFrom('endpoint', 'protocol', ''),
    errorSubtype: fc.option(fc.string()),
    message: fc.string(),
    data: json,
    code: fc.option(fc.string()),
    delivered: fc.constantFrom('no', 'unknown', 'yes'),
  }),
);

const awkward: fc.Arbitrary<unknown> = fc.oneof(
  json,
  anyText,
  fc.double(),
  fc.constantFrom(...[null, '', -0, -1, 0.5, Infinity, 2 ** 53, 86_400_001, 'x'.repeat(257)]),
  fc.constant(JSON.parse('{"__proto__":"x"}')),
  fc.constant({ key: 'x'.repeat(1_100) }),
  fc.dictionary(anyText, fc.oneof(anyText, fc.nat())),
);

const fieldNames = fc.constantFrom(
  ...['type', 'correlationId', 'name', 'args', 'ttlMs', 'meta', 'result', 'errorType'],
  ...['errorSubtype', 'message', 'data', 'code', 'delivered', 'reason', 'node', 'contract'],
);

describe('isWireMessage', () => {
  const accepts = (value: unknown) => wireMessageSchema.safeParse(value).success;

  it('accepts any JSON value iff the schema does', () => {
    fc.assert(
      fc.property(fc.oneof(json, fc.jsonValue()), (value) => {
        expect(isWireMessage(value)).toBe(accepts(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it('accepts a valid message with one field changed or gone iff the schema does', () => {
    let accepted = 0;
    fc.assert(
      fc.property(valid, fieldNames, fc.option(awkward), (message, field, change) => {
        const mutant = { ...message, [field]: change };
        if (change === null) delete mutant[field];

        const verdict = isWireMessage(mutant);

        expect(verdict).toBe(accepts(mutant));
        if (verdict) accepted += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });
});

describe('isSwarmHeader', () => {
  // What a reader can read: words or nothing, texts, whole numbers, and meta it has checked.
  const change = fc.oneof(
    fc.record({ kind: fc.option(fc.constantFrom(...SWARM_KINDS), { nil: undefined }) }),
    fc.record({ target: fc.option(fc.constantFrom(...TARGET_KINDS), { nil: undefined }) }),
    fc.record({ via: fc.option(fc.constantFrom(...VIAS), { nil: undefined }) }),
    fc.record({ to: fc.oneof(nodeIds, fc.constantFrom('', 'x'.repeat(129)), anyText) }),
    fc.record({ process: fc.oneof(processIds, anyText, fc.constantFrom('', 'a'.repeat(17))) }),
    fc.record({ node: fc.option(fc.oneof(anyText, fc.constantFrom('', 'x'.repeat(129)))) }),
    fc.record({ id: counters }),
    fc.record({ ttlMs: fc.oneof(counters, fc.constantFrom(86_400_000, 86_400_001)) }),
    fc.record({ name: fc.oneof(name, fc.constantFrom('', 'x'.repeat(257)), anyText) }),
    fc.record({ meta: metas }),
  );

  it('accepts a header, valid or with fields changed, iff the schema does', () => {
    let accepted = 0;
    fc.assert(
      fc.property(swarmFrames, fc.array(change, { maxLength: 3 }), (frame, changes) => {
        const { body: _, ...header } = frame;
        const changed = Object.assign({}, header, ...changes);

        const verdict = isSwarmHeader(changed);

        expect(verdict).toBe(swarmHeaderSchema.safeParse(changed).success);
        if (verdict) accepted += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });
});
