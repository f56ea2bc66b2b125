import { describe, expect, it } from 'vitest';
import { addMiddleware, type Chain, runChain } from '../src/chain.ts';
import type { Context } from '../src/context.ts';
import { isPromise } from '../src/promise.ts';
import { newContext, newEventContext } from './contexts.ts';
import { thrownRefusal } from './hosts.ts';

type Ctx = Context<string>;

function chain(parts: Partial<Chain<Ctx>>): Chain<Ctx> {
  return { middleware: [], handlers: [], definition: undefined, last: null, ...parts };
}

describe('a chain of handlers', () => {
  it('stays synchronous until a handler returns a promise', async () => {
    const sync = chain({ handlers: [() => 1, () => 2] });
    const async_ = chain({ handlers: [() => 1, async () => 2, () => undefined] });

    expect(runChain(sync, newContext().ctx)).toBe(2);
    const result = runChain(async_, newContext().ctx);
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toBe(2);
  });

  it('runs handlers in order, each after the one before is done', async () => {
    const log: string[] = [];
    const handlers = [
      async () => {
        log.push('first begins');
        await null;
        log.push('first ends');
      },
      () => log.push('second'),
    ];

    await runChain(chain({ handlers }), newContext().ctx);

    expect(log).toEqual(['first begins', 'first ends', 'second']);
  });

  it('gives handlers the arguments, and what handlers before made of them', () => {
    const seen: unknown[] = [];
    const handlers = [
      (ctx: Ctx, a: number, b: number) => {
        seen.push([a, b]);
        ctx.args = [10];
        return 'first';
      },
      (ctx: Ctx, a: number) => {
        seen.push([a, ctx.result]);
      },
    ];

    expect(runChain(chain({ handlers }), newContext({ args: [1, 2] }).ctx)).toBe('first');
    expect(seen).toEqual([
      [1, 2],
      [10, 'first'],
    ]);
  });

  it('is null where all returned undefined', async () => {
    expect(runChain(chain({ handlers: [() => {}] }), newContext().ctx)).toBeNull();
    expect(await runChain(chain({ handlers: [async () => {}] }), newContext().ctx)).toBeNull();
  });

  it('takes anything with a `then` for a promise', async () => {
    // biome-ignore lint/suspicious/noThenProperty: the very thing that is tested.
    const thenable = { then: (resolve: (value: number) => void) => resolve(7) };
    const handlers = [() => thenable];

    expect(await runChain(chain({ handlers }), newContext().ctx)).toBe(7);
    const noPromises: unknown[] = [JSON.parse('{"then":1}'), null, 'x', () => {}];
    expect([isPromise(thenable), ...noPromises.map(isPromise)]).toEqual([
      ...[true, false, false, false, false],
    ]);
  });

  it('is unhandled without handlers, but not for an event', () => {
    expect(() => runChain(chain({}), newContext().ctx)).toThrow(thrownRefusal('unhandled', 'no'));
    expect(() => runChain(chain({}), newContext().ctx)).toThrow(
      expect.objectContaining({ data: { requestName: 'add' } }),
    );
    expect(runChain(chain({}), newEventContext())).toBeNull();
  });

  it('ends with the first handler that throws or rejects', async () => {
    const never = () => expect.unreachable();
    const failing = () => {
      throw new Error('no');
    };
    const rejecting = async () => failing();

    expect(() => runChain(chain({ handlers: [failing, never] }), newContext().ctx)).toThrow('no');
    await expect(
      runChain(chain({ handlers: [rejecting, never] }), newContext().ctx),
    ).rejects.toThrow('no');
  });
});

describe('what follows the handlers', () => {
  const last = (ctx: Ctx) => ({ passed: ctx.args });

  it('gets what they made of the arguments', async () => {
    for (const handlers of [
      [() => ['rewritten']],
      [async () => ['rewritten'], () => undefined],
      [() => 'rewritten'],
    ]) {
      const { ctx } = newContext({ kind: 'remoteClient', args: ['hi'] });
      expect(await runChain(chain({ handlers, last }), ctx)).toEqual({ passed: ['rewritten'] });
    }
  });

  it('follows although there are no handlers', () => {
    const { ctx } = newContext({ kind: 'remoteClient', args: ['hi'] });

    expect(runChain(chain({ last }), ctx)).toEqual({ passed: ['hi'] });
  });

  it('does not follow an answer, which ends the chain', async () => {
    const never = () => expect.unreachable();
    for (const answering of [
      (ctx: Ctx) => ctx.answer('mine'),
      async (ctx: Ctx) => ctx.answer('mine'),
    ]) {
      const { ctx } = newContext({ kind: 'remoteClient', args: ['hi'] });
      const handlers = [() => ['rewritten'], answering, never];
      expect(await runChain(chain({ handlers, last }), ctx)).toBe('mine');
    }
  });

  it('does not follow when told not to pass: the last returned value is the answer', () => {
    const refuse = (ctx: Ctx) => {
      ctx.pass = false;
    };
    const run = (...handlers: ((ctx: Ctx) => unknown)[]) => {
      const { ctx } = newContext({ kind: 'remoteClient', args: ['hi'] });
      return runChain(chain({ handlers, last }), ctx);
    };

    expect(run(() => 'returned', refuse)).toBe('returned');
    expect(run(refuse)).toBeNull();
  });
});

describe('middleware', () => {
  it('runs around all that is inside, the first outermost', async () => {
    const log: string[] = [];
    const around = (name: string) => async (_ctx: Ctx, next: () => unknown) => {
      log.push(`${name} begins`);
      const result = await next();
      log.push(`${name} ends`);
      return [name, result];
    };
    const middleware = [around('outer'), around('inner')];
    const handlers = [() => log.push('handler')];

    expect(await runChain(chain({ middleware, handlers }), newContext().ctx)).toEqual([
      'outer',
      ['inner', 3],
    ]);
    expect(log).toEqual(['outer begins', 'inner begins', 'handler', 'inner ends', 'outer ends']);
  });

  it('keeps a synchronous chain synchronous', () => {
    const middleware = [(_ctx: Ctx, next: () => unknown) => next()];

    expect(runChain(chain({ middleware, handlers: [() => 1] }), newContext().ctx)).toBe(1);
  });

  it('that returns nothing leaves the result as it is', async () => {
    const run = (middleware: (ctx: Ctx, next: () => unknown) => unknown, handler = () => 5) => {
      return runChain(chain({ middleware: [middleware], handlers: [handler] }), newContext().ctx);
    };

    expect(run((_ctx, next) => void next())).toBe(5);
    expect(await run(async (_ctx, next) => void next())).toBe(5);
    expect(await run(async (_ctx, next) => void (await next()))).toBe(5);
    expect(run(() => {})).toBeNull();
    expect(run(() => null)).toBeNull();
  });

  it('replaces the arguments it gives to next', () => {
    const middleware = [(_ctx: Ctx, next: (args: unknown[]) => unknown) => next([40, 2])];
    const handlers = [(_ctx: Ctx, a: number, b: number) => a + b];

    expect(runChain(chain({ middleware, handlers }), newContext({ args: [1] }).ctx)).toBe(42);
  });

  it('may not run what is inside twice', () => {
    let runs = 0;
    const handlers = [() => (runs += 1)];
    const middleware = [
      (_ctx: Ctx, next: () => unknown) => {
        next();
        return next();
      },
    ];

    expect(() => runChain(chain({ middleware, handlers }), newContext().ctx)).toThrow(TypeError);
    expect(runs).toBe(1);
  });

  it('also sees names nobody handles, and may answer them', () => {
    const rescue = (ctx: Ctx, next: () => unknown) => {
      try {
        return next();
      } catch {
        return `no ${ctx.name}`;
      }
    };

    expect(runChain(chain({ middleware: [rescue] }), newContext().ctx)).toBe('no add');
  });

  it('that fails first is what fails, and leaves no rejection behind', async () => {
    const handlers = [() => Promise.reject(new Error('inner'))];
    const middleware = [
      (_ctx: Ctx, next: () => unknown) => {
        next();
        throw new Error('outer');
      },
    ];

    expect(() => runChain(chain({ middleware, handlers }), newContext().ctx)).toThrow('outer');
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('addMiddleware', () => {
  it('gives each use of a function an entry of its own', () => {
    const use = () => undefined;

    const first = addMiddleware<Ctx>([], use);
    const second = addMiddleware(first.list, use);

    expect(second.list).toEqual([first.entry, second.entry]);
    expect(first.entry).not.toBe(second.entry);
    expect(first.list).toHaveLength(1);
  });

  it('refuses what is no function', () => {
    const notAFunction: () => void = JSON.parse('null');

    expect(() => addMiddleware<Ctx>([], notAFunction)).toThrow(TypeError);
  });
});
