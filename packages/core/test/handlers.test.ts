import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Handlers, select } from '../src/handlers.ts';
import { LIMITS } from '../src/index.ts';

type Named = () => string;

function newHandlers(...names: string[]): Handlers<Named> {
  const handlers = new Handlers<Named>();
  for (const name of names) handlers.on(name, () => name);
  return handlers;
}

function selected(name: string, shared: Handlers<Named>, own: Handlers<Named> | null = null) {
  return select(name, shared, own).map((handler) => handler());
}

describe('Handlers', () => {
  it('keep the order of registration', () => {
    const handlers = new Handlers<Named>();
    for (const result of ['first', 'second', 'third']) handlers.on('a', () => result);

    expect(selected('a', handlers)).toEqual(['first', 'second', 'third']);
  });

  it('remove one use of a handler at a time, and each only once', () => {
    for (const name of ['a', 'a.*']) {
      const handlers = new Handlers<Named>();
      const twice = () => 'twice';
      const removeFirst = handlers.on(name, twice);
      const removeSecond = handlers.on(name, twice);

      removeFirst();
      removeFirst();
      expect(selected('a.b', handlers).length + selected('a', handlers).length).toBe(1);

      removeSecond();
      expect(selected('a.b', handlers).length + selected('a', handlers).length).toBe(0);
    }
  });

  it('do not change the list a running chain has', () => {
    const handlers = newHandlers('a', 'p.*');
    const [exact, pattern] = [select('a', handlers, null), select('p.q', handlers, null)];

    handlers.on('a', () => 'later');
    handlers.on('p.*', () => 'later');

    expect([exact.length, pattern.length]).toEqual([1, 1]);
  });

  it('refuse a name that no frame could carry, and what is no function', () => {
    const handlers = new Handlers<Named>();
    const notAFunction: Named = JSON.parse('1');

    for (const name of ['', 'x'.repeat(LIMITS.nameBytesMax + 1), 'a.>.b']) {
      expect(() => handlers.on(name, () => '')).toThrow(TypeError);
    }
    expect(() => handlers.on('a', notAFunction)).toThrow(TypeError);
    expect(select('a', handlers, null)).toEqual([]);
  });

  it('take a table of tables, and remove it as a whole', () => {
    const handlers = new Handlers<Named>();

    const remove = handlers.implement({
      add: () => 'add',
      orders: { create: () => 'create', '*': () => 'any' },
    });
    expect(selected('add', handlers)).toEqual(['add']);
    expect(selected('orders.create', handlers)).toEqual(['create']);
    expect(selected('orders.cancel', handlers)).toEqual(['any']);

    remove();
    for (const name of ['add', 'orders.create', 'orders.cancel']) {
      expect(selected(name, handlers)).toEqual([]);
    }
  });

  it('take nothing of a table that has a mistake in it', () => {
    const handlers = new Handlers<Named>();
    const mistake: Named = JSON.parse('null');

    expect(() => handlers.implement({ good: () => 'good', bad: mistake })).toThrow(TypeError);

    expect(selected('good', handlers)).toEqual([]);
  });
});

describe('select', () => {
  it('takes the exact handlers if there are any, whatever patterns match', () => {
    expect(selected('a.b', newHandlers('a.*', 'a.b', '>'))).toEqual(['a.b']);
    expect(selected('a.b', newHandlers('a.*'), newHandlers('a.b'))).toEqual(['a.b']);
    expect(selected('a.b', newHandlers('a.b'), newHandlers('a.*'))).toEqual(['a.b']);
  });

  it('else takes those of the most specific pattern', () => {
    expect(selected('a.b', newHandlers('>', '*.b', 'a.>', 'a.*'))).toEqual(['a.*']);
    expect(selected('a.b', newHandlers('a.>'), newHandlers('a.*'))).toEqual(['a.*']);
    expect(selected('a.b', newHandlers('a.*'), newHandlers('a.>'))).toEqual(['a.*']);
  });

  it('has the shared ones before the own', () => {
    const shared = new Handlers<Named>();
    const own = new Handlers<Named>();
    own.on('a', () => 'own');
    own.on('p.*', () => 'own');
    shared.on('a', () => 'shared');
    shared.on('p.*', () => 'shared');

    expect(selected('a', shared, own)).toEqual(['shared', 'own']);
    expect(selected('p.q', shared, own)).toEqual(['shared', 'own']);
  });

  it('takes a name on the wire literally', () => {
    const handlers = newHandlers('a.b', 'a.*');

    expect(selected('a.*', handlers)).toEqual(['a.*']);
    expect(selected('*.b', handlers)).toEqual([]);
    expect(selected('>', handlers)).toEqual([]);
    expect(selected('__proto__', handlers)).toEqual([]);
  });

  it('finds none where none match, with or without patterns', () => {
    expect(selected('x', newHandlers())).toEqual([]);
    expect(selected('x', newHandlers('a'), newHandlers('b'))).toEqual([]);
    expect(selected('x', newHandlers('a.*'), newHandlers('b.>'))).toEqual([]);
    expect(selected('x', newHandlers(), newHandlers('b.>'))).toEqual([]);
  });

  // The oracle compares every pattern with every other, by how its segments rank.
  it('selects what a search through everything selects', () => {
    const names = fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 });
    const registered = fc
      .tuple(names, fc.boolean())
      .map(([segments, open]) => (open ? [...segments, '>'] : segments).join('.'));
    const lists = fc.array(registered, { maxLength: 6 });
    const asked = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 });

    fc.assert(
      fc.property(lists, lists, asked, (shared, own, segments) => {
        const name = segments.join('.');
        const both = [...shared, ...own];

        expect(selected(name, newHandlers(...shared), newHandlers(...own))).toEqual(
          both.includes(name) ? both.filter((other) => other === name) : bestOf(both, segments),
        );
      }),
      { numRuns: 3_000 },
    );
  });
});

function bestOf(registered: readonly string[], name: readonly string[]): string[] {
  const ranked = registered
    .filter((pattern) => asRegExp(pattern).test(name.join('.')))
    .map((pattern) => ({ pattern, rank: rankOf(pattern) }));
  const best = ranked.map(({ rank }) => rank).sort()[0];
  return ranked.filter(({ rank }) => rank === best).map(({ pattern }) => pattern);
}

function asRegExp(pattern: string): RegExp {
  const parts = pattern.split('.').map((segment) => {
    if (segment === '*') return '[^.]+';
    return segment === '>' ? '.+' : segment;
  });
  return new RegExp(`^${parts.join('[.]')}$`);
}

/** Sorts as text: literal before `*` before `>` before the end. */
function rankOf(pattern: string): string {
  return pattern
    .replaceAll(/[^.*>]+/g, '0')
    .replaceAll('*', '1')
    .replaceAll('>', '2');
}
