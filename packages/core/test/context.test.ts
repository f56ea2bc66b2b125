import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { encodeUtf8 } from '../src/codec.ts';
import { protocolError } from '../src/errors.ts';
import { newContext, newEventContext } from './contexts.ts';
import { thrownRefusal } from './hosts.ts';

const gone = protocolError('closed', 'unknown', 'gone');

describe('Context', () => {
  it('says who asks, what, and until when', () => {
    const { ctx } = newContext({ meta: { trace: 'x' }, args: [1, 2] });

    expect(ctx).toMatchObject({
      ...{ name: 'add', kind: 'client', node: 'node', sender: 'asker', deadlineMs: 1_000 },
      ...{ isEvent: false, meta: { trace: 'x' }, args: [1, 2], result: null },
    });
  });

  it('has no deadline for an event, and empty meta where none came', () => {
    const ctx = newEventContext();

    expect(ctx).toMatchObject({ isEvent: true, deadlineMs: null, sender: null, meta: {} });
    expect(Object.isFrozen(ctx.meta)).toBe(true);
  });

  it('decodes arguments once, and not before they are read', () => {
    const { ctx } = newContext({ body: Body.received(encodeUtf8('{'), 0) });
    const { ctx: fine } = newContext({ body: Body.received(encodeUtf8('[1]'), 0) });

    expect(() => ctx.args).toThrow(thrownRefusal('invalid', 'no'));
    expect(fine.args).toBe(fine.args);
  });

  it('refuses arguments that are no list, whoever sets them', () => {
    const { ctx } = newContext({ args: { a: 1 } });
    const noList: unknown[] = JSON.parse('{"length":1}');

    expect(() => ctx.args).toThrow(thrownRefusal('invalid', 'no'));
    expect(() => {
      ctx.args = noList;
    }).toThrow(TypeError);

    ctx.args = [7];
    expect(ctx.args).toEqual([7]);
  });

  it('refuses arguments in an encoding it cannot read', () => {
    const { ctx } = newContext({ body: Body.received(new Uint8Array([1]), 9) });

    expect(() => ctx.args).toThrow(thrownRefusal('incompatible', 'no'));
  });

  it('keeps the result where undefined is returned', () => {
    const { ctx } = newContext();

    ctx.result = 1;
    ctx.result = undefined;
    expect([ctx.result, ctx.returned]).toEqual([1, 1]);

    ctx.result = null;
    expect([ctx.result, ctx.returned]).toEqual([null, null]);
  });

  it('has one state for all handlers, in which any key will do', () => {
    const { ctx } = newContext();

    for (const key of ['__proto__', 'toString']) ctx.state[key] = `my ${key}`;

    expect(Object.entries(ctx.state)).toEqual([
      ['__proto__', 'my __proto__'],
      ['toString', 'my toString'],
    ]);
    expect(newContext().ctx.state['toString']).toBeUndefined();
  });

  it('throws what the asking end is to be told', () => {
    const { ctx } = newContext();

    expect(() => ctx.throw('no', { why: 1 })).toThrow(
      expect.objectContaining({ type: 'endpoint', message: 'no', data: { why: 1 }, code: null }),
    );
    expect(() => ctx.fail('DIVIDE_BY_ZERO', { dividend: 1 })).toThrow(
      expect.objectContaining({ type: 'endpoint', code: 'DIVIDE_BY_ZERO', data: { dividend: 1 } }),
    );
  });
});

describe('the signal of a context', () => {
  it('is aborted when nobody waits any more, with the reason', () => {
    const { ctx, request } = newContext();
    const { signal } = ctx;
    expect(signal.aborted).toBe(false);

    request.abort(gone);

    expect([signal.aborted, signal.reason]).toEqual([true, gone]);
    expect(ctx.signal).toBe(signal);
  });

  it('is aborted from the start when it is read too late', () => {
    const { ctx, request } = newContext();
    request.abort(gone);

    expect([ctx.signal.aborted, ctx.signal.reason]).toEqual([true, gone]);
  });

  it('is never aborted for an event', () => {
    expect(newEventContext().signal.aborted).toBe(false);
  });
});

describe('the context of a remote client request', () => {
  const remote = (args: readonly unknown[]) => newContext({ kind: 'remoteClient', args }).ctx;

  it('has its arguments for the result, until a handler returns something', () => {
    const ctx = remote(['hi']);
    expect([ctx.result, ctx.returned]).toEqual([['hi'], null]);

    ctx.result = ['rewritten', 1];
    expect([ctx.args, ctx.returned]).toEqual([
      ['rewritten', 1],
      ['rewritten', 1],
    ]);
  });

  it('takes anything but a list for the one argument', () => {
    const ctx = remote(['hi']);

    ctx.result = { a: 1 };
    expect(ctx.args).toEqual([{ a: 1 }]);

    ctx.result = undefined;
    expect(ctx.args).toEqual([{ a: 1 }]);
  });

  it('is answered once it says so, and does not pass then', () => {
    const ctx = remote(['hi']);
    expect([ctx.pass, ctx.isAnswered]).toEqual([true, false]);

    ctx.answer('instead');

    expect([ctx.pass, ctx.isAnswered, ctx.returned]).toEqual([false, true, 'instead']);
  });

  it('answers null where it is answered with nothing', () => {
    const ctx = remote(['hi']);
    ctx.result = ['earlier'];

    ctx.answer(undefined);

    expect(ctx.returned).toBeNull();
  });

  it('is answered with what it was told, whatever its handler returns after that', () => {
    const ctx = remote(['hi']);

    ctx.answer('instead');
    ctx.result = 'returned';

    expect(ctx.returned).toBe('instead');
  });
});
