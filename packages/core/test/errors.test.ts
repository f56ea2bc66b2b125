import { describe, expect, it } from 'vitest';
import {
  asOutcome,
  ERROR_SUBTYPES,
  errorFields,
  errorFrom,
  fromThrown,
  protocolError,
  SwarmError,
  unsendable,
} from '../src/errors.ts';

describe('SwarmError', () => {
  it('is an endpoint’s by default: its handlers ran', () => {
    expect(new SwarmError('no')).toMatchObject({
      ...{ name: 'SwarmError', type: 'endpoint', subtype: null, message: 'no' },
      ...{ data: null, code: null, delivered: 'yes', hint: null },
    });
  });

  it('is the protocol’s with a subtype, and knows nothing of handlers by itself', () => {
    const cause = new Error('why');

    expect(new SwarmError('late', { subtype: 'timeout', cause })).toMatchObject({
      ...{ type: 'protocol', subtype: 'timeout', delivered: 'unknown', cause },
    });
  });

  it('is known across copies of this package, and nothing else is taken for it', () => {
    const { message, ...fields } = { ...new SwarmError('x') };
    const copy = (change: object = {}) => Object.assign(new Error('x'), fields, change);
    expect([SwarmError.is(new SwarmError('x')), SwarmError.is(copy())]).toEqual([true, true]);
    expect(message).toBeUndefined();

    for (const change of [
      ...[{ name: 'Error' }, { type: 'protocol' }, { type: 'protocol', subtype: 'unheard of' }],
      ...[{ code: 404 }, { delivered: 'maybe' }, { message: 5 }, { subtype: 'timeout' }],
    ]) {
      expect(SwarmError.is(copy(change))).toBe(false);
    }
    for (const other of [new Error('x'), { ...fields, message: 'x' }, null, 'x']) {
      expect(SwarmError.is(other)).toBe(false);
    }
  });

  it('gives a hint where one helps', () => {
    expect(protocolError('timeout', 'no', 'x').hint).toEqual(expect.any(String));
    expect(protocolError('closed', 'no', 'x').hint).toBeNull();
  });
});

describe('an error as it travels', () => {
  it('comes back as it was, without stack and cause', () => {
    const errors = [
      new SwarmError('no', { data: { a: 1 }, code: 'NO', cause: new Error('secret') }),
      ...ERROR_SUBTYPES.map((subtype) => protocolError(subtype, 'no', 'm', { b: 2 })),
    ];

    for (const error of errors) {
      const fields = errorFields(error);
      expect(JSON.stringify(fields)).not.toContain('secret');
      const { type, subtype, message, data, code, delivered } = error;
      expect(errorFrom(fields)).toMatchObject({ type, subtype, message, data, code, delivered });
      expect(errorFrom(fields).cause).toBeUndefined();
    }
  });

  it('is internal where its subtype is not known here', () => {
    for (const errorSubtype of ['of the future', null, undefined]) {
      expect(errorFrom({ errorType: 'protocol', errorSubtype })).toMatchObject({
        ...{ type: 'protocol', subtype: 'internal', delivered: 'unknown', message: '' },
      });
    }
  });

  it('is an endpoint’s only if it says so, and then its handlers ran', () => {
    expect(errorFrom({ errorType: 'endpoint', errorSubtype: 'timeout', delivered: 'no' })).toEqual(
      expect.objectContaining({ type: 'endpoint', subtype: null, delivered: 'yes' }),
    );
    expect(errorFrom({ errorType: 'other', delivered: 'no' })).toMatchObject({ delivered: 'no' });
  });
});

describe('fromThrown', () => {
  it('keeps an endpoint’s error, and an outcome, as they are', () => {
    const refused = new SwarmError('no');
    const outcome = asOutcome(protocolError('closed', 'unknown', 'lost'));

    expect(fromThrown(refused)).toBe(refused);
    expect(fromThrown(outcome)).toBe(outcome);
  });

  it('makes an endpoint’s error of another exchange’s failure', () => {
    const failed = protocolError('unreachable', 'no', 'nobody', { id: 'x' });
    const claims = new SwarmError('no', { delivered: 'no', code: 'C' });

    expect(fromThrown(failed)).toMatchObject({
      ...{ type: 'endpoint', subtype: null, delivered: 'yes', data: { id: 'x' }, cause: failed },
    });
    expect(fromThrown(claims)).toMatchObject({ type: 'endpoint', delivered: 'yes', code: 'C' });
  });

  it('makes an error with a text of anything else', () => {
    const hostile = {
      get message() {
        throw new Error('not even this');
      },
    };
    for (const thrown of [new Error('e'), 'e', 7, null, undefined, Symbol('e'), {}, hostile]) {
      const error = fromThrown(thrown);
      expect(error).toMatchObject({ type: 'endpoint', delivered: 'yes' });
      expect(error.message).toEqual(expect.any(String));
    }
    expect(fromThrown(new Error('e')).message).toBe('e');
    expect(fromThrown('e').message).toBe('e');
  });
});

describe('unsendable', () => {
  it('keeps the reason the protocol has, and says that the handlers ran', () => {
    expect(unsendable(protocolError('too_large', 'no', 'x'))).toMatchObject({
      ...{ subtype: 'too_large', delivered: 'yes' },
    });
  });

  it('is internal otherwise', () => {
    for (const cause of [new TypeError('x'), new SwarmError('x'), 'x']) {
      expect(unsendable(cause)).toMatchObject({ subtype: 'internal', delivered: 'yes' });
    }
  });
});
