import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import type { EventFrame } from '../src/frame.ts';
import { OpenRequests } from '../src/machine/asked.ts';
import { Waiting } from '../src/machine/waiting.ts';
import { Wheel } from '../src/machine/wheel.ts';
import { Settled, thrownRefusal } from './hosts.ts';

function newWaiting(max = 8) {
  const wheel = new Wheel(() => {});
  const asked = new OpenRequests(wheel, 100_000, 'openRequestsMax');
  const waiting = new Waiting(asked, max);
  const ask = (deadlineMs: number, settled = new Settled()) => {
    const request = asked.open(deadlineMs, settled, 0);
    const { id } = request;
    waiting.add({
      ...{ kind: 'request', id, name: 'x', body: Body.of([]) },
      ...{ ttlMs: deadlineMs, meta: undefined },
    });
    return { request, settled };
  };
  return { wheel, asked, waiting, ask };
}

const event: EventFrame = { kind: 'event', name: 'e', body: Body.of([]), meta: undefined };

describe('Waiting', () => {
  it('gives frames back in order, each once', () => {
    const { waiting, ask } = newWaiting();
    waiting.add(event);
    ask(1_000);
    waiting.add(event);

    const kinds = [1, 2, 3, 4].map(() => waiting.next(0)?.kind);

    expect(kinds).toEqual(['event', 'request', 'event', undefined]);
    expect(waiting.size).toBe(0);
  });

  it('counts a request as sent from the moment it is given back, and no earlier', () => {
    const { wheel, waiting, ask } = newWaiting();
    const [first, second] = [ask(64), ask(64)];

    waiting.next(0);
    wheel.advance(64);

    expect(first.settled.summary).toEqual(['timeout/unknown']);
    expect(second.settled.summary).toEqual(['timeout/no']);
  });

  it('gives a request the time it has left, which is never less than none', () => {
    const { waiting, ask } = newWaiting();
    ask(1_000);
    ask(1_000);

    expect(waiting.next(400)).toMatchObject({ ttlMs: 600 });
    expect(waiting.next(1_010)).toMatchObject({ ttlMs: 0 });
  });

  it('waitingFramesMax: refuses one more, but does not count what was settled', () => {
    const { asked, waiting, ask } = newWaiting(2);
    const { request } = ask(1_000);
    waiting.add(event);
    expect(() => waiting.add(event)).toThrow(thrownRefusal('overloaded', 'no'));

    asked.forget(request);
    waiting.add({ ...event, name: 'later' });

    expect([waiting.next(0), waiting.next(0), waiting.next(0)]).toMatchObject([
      ...[{ name: 'e' }, { name: 'later' }, null],
    ]);
  });

  it('passes any number of settled requests by', () => {
    const { asked, waiting, ask } = newWaiting(20_000);
    for (let i = 0; i < 20_000; i += 1) ask(1_000);
    asked.closeAll('gone');

    expect(waiting.next(0)).toBeNull();
    expect(waiting.size).toBe(0);
  });

  it('keeps nothing when it is cleared', () => {
    const { waiting } = newWaiting();
    waiting.add(event);

    waiting.clear();

    expect([waiting.size, waiting.next(0)]).toEqual([0, null]);
  });
});
