import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { SEEN_WINDOW, Seen } from '../src/machine/seen.ts';
import { nth, OTHER, OWN, ok } from './hosts.ts';
import { newRouter, THIRD } from './router-end.ts';

describe('Seen', () => {
  it('knows what was added, of each process for itself', () => {
    const seen = new Seen(2);

    for (const id of [1, 3, 64]) seen.add(OTHER, id);
    seen.add(THIRD, 2);

    expect([1, 2, 3, 63, 64, 65].filter((id) => seen.has(OTHER, id))).toEqual([1, 3, 64]);
    expect([1, 2, 3].filter((id) => seen.has(THIRD, id))).toEqual([2]);
  });

  it('is a window of the last ids, never wrong within it, in whatever order they come', () => {
    const ids = fc.array(fc.integer({ min: 1, max: 3 * SEEN_WINDOW }), { maxLength: 200 });
    fc.assert(
      fc.property(ids, (list) => {
        const seen = new Seen(1);
        const added = new Set<number>();
        let newest = 0;
        for (const id of list) {
          const isKnown = added.has(id) && id > newest - SEEN_WINDOW;
          expect(seen.has(OTHER, id)).toBe(isKnown);
          seen.add(OTHER, id);
          added.add(id);
          newest = Math.max(newest, id);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a request that is delivered again', () => {
  it('does not run again after it was answered, nor after it was refused', () => {
    const { host, request } = newRouter({ routedRequestsMax: 1 });
    request(1);
    request(2);
    nth(host.served, 0).request.answer(ok(Body.of(1)));
    expect(host.take()).toHaveLength(2);

    request(1);
    request(2);

    expect(host.served).toHaveLength(1);
    expect(host.take()).toEqual([]);
  });

  it('does not run again if this process asked it itself, and the swarm brought it back', () => {
    const { host, request } = newRouter();
    request(1, OWN);
    nth(host.served, 0).request.answer(ok(Body.of(1)));

    request(1, OWN);

    expect(host.served).toHaveLength(1);
  });

  it('runs where it was not here before: nothing has run then', () => {
    const { host, router, receive, request } = newRouter();
    router.remove('here', 'node', 'gone');
    request(1);
    expect(host.take()).toMatchObject([{ frame: { kind: 'not-here' } }]);

    router.add('here', 'again');
    receive({ kind: 'request', id: 1, ttlMs: 100, name: 'x' });

    expect(host.served).toHaveLength(1);
  });

  it('seenProcessesMax: runs again if so many other processes have asked since', () => {
    const { host, request } = newRouter({ seenProcessesMax: 2 });
    const serve = (process: string) => {
      request(1, process);
      host.served.at(-1)?.request.answer(ok(Body.of(1)));
    };
    for (const process of [OTHER, THIRD, 'fourthprocessddd', OTHER, 'fourthprocessddd']) {
      serve(process);
    }

    expect(host.served).toHaveLength(4);
  });
});
