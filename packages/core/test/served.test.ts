import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { protocolError } from '../src/errors.ts';
import type { Outcome } from '../src/machine/contract.ts';
import {
  type Answerer,
  ServedByProcess,
  ServedRequest,
  ServedRequests,
} from '../src/machine/served.ts';
import { Wheel } from '../src/machine/wheel.ts';
import { ok } from './hosts.ts';

class Answers implements Answerer {
  readonly log: string[] = [];

  answer(request: ServedRequest, outcome: Outcome): void {
    this.log.push(`${outcome.ok ? 'ok' : outcome.error.subtype} ${request.id}`);
  }
}

const gone = protocolError('closed', 'unknown', 'gone');
const cancelled = protocolError('cancelled', 'unknown', 'cancelled');

describe('ServedRequest', () => {
  it('answers by the machine it came in by; its end in time is an answer, and an abort', () => {
    const answers = new Answers();
    const request = new ServedRequest(answers, 'a', 1_000);

    request.answer(ok(Body.of(null)));
    request.expire();

    expect(answers.log).toEqual(['ok a', 'timeout a']);
    expect(request.aborted).toMatchObject({ subtype: 'timeout', delivered: 'unknown' });
  });

  it('is aborted once, by the first reason', () => {
    const request = new ServedRequest(new Answers(), 'a', 1_000);
    const reasons: unknown[] = [];
    request.onAbort((reason) => reasons.push(reason));

    request.abort(gone);
    request.abort(cancelled);

    expect(reasons).toEqual([gone]);
    expect(request.aborted).toBe(gone);
  });

  it('tells every listener in order, and one that comes too late at once', () => {
    const request = new ServedRequest(new Answers(), 'a', 1_000);
    const log: string[] = [];
    request.onAbort(() => log.push('first'));
    request.onAbort(() => log.push('second'));
    expect(request.aborted).toBeNull();

    request.abort(gone);
    expect(log).toEqual(['first', 'second']);

    request.onAbort((reason) => log.push(reason.subtype ?? ''));
    expect(log).toEqual(['first', 'second', 'closed']);
  });
});

/** Starts handlers that do not answer at once. */
function start(
  table: ServedRequests | ServedByProcess,
  request: ServedRequest,
  nowMs: number,
): void {
  table.begin(request, nowMs);
  table.keep(request, nowMs);
}

describe('ServedRequests', () => {
  function newTable() {
    const wheel = new Wheel(() => {});
    const answers = new Answers();
    const add = (id: string | number) => {
      const request = new ServedRequest(answers, id, 64);
      start(table, request, 0);
      return request;
    };
    const table = new ServedRequests(wheel);
    return { wheel, answers, table, add };
  }

  it('keeps a request until it is removed, and removes it once', () => {
    const { wheel, table, add } = newTable();
    expect([table.size, table.has('a'), table.get('a')]).toEqual([0, false, undefined]);

    const request = add('a');
    expect([table.size, table.has('a'), table.get('a')]).toEqual([1, true, request]);

    expect(table.remove(request)).toBe(true);
    expect(table.remove(request)).toBe(false);
    expect([table.size, table.has('a'), wheel.size]).toEqual([0, false, 0]);
  });

  it('tells the text 1 from the number 1: ids are the other end’s', () => {
    const { table, add } = newTable();
    add(1);

    expect([table.has(1), table.has('1')]).toEqual([true, false]);
  });

  it('does not remove the one served now for an earlier one of the same id', () => {
    const { table, add } = newTable();
    const earlier = add('a');
    table.remove(earlier);
    const present = add('a');

    expect(table.remove(earlier)).toBe(false);
    expect(table.get('a')).toBe(present);
  });

  it('cancels by id: aborted, no longer served, no longer timed', () => {
    const { wheel, answers, table, add } = newTable();
    const request = add('a');

    table.cancel('b', cancelled);
    table.cancel('a', cancelled);
    wheel.advance(64);

    expect(request.aborted).toBe(cancelled);
    expect([table.size, wheel.size, answers.log]).toEqual([0, 0, []]);
  });

  it('aborts all, and has nothing to abort when nothing was served', () => {
    const { wheel, table, add } = newTable();
    table.abortAll(gone);
    const requests = [add('a'), add('b')];

    table.abortAll(gone);

    expect(requests.map((request) => request.aborted)).toEqual([gone, gone]);
    expect([table.size, wheel.size]).toEqual([0, 0]);
  });

  it('is told at the deadline, not one millisecond before', () => {
    const { wheel, answers, add } = newTable();
    add('a');

    wheel.advance(63);
    expect(answers.log).toEqual([]);

    wheel.advance(64);
    expect(answers.log).toEqual(['timeout a']);
  });
});

describe('a request whose handlers are being started', () => {
  it('is served, and is never kept when they answer it at once', () => {
    const wheel = new Wheel(() => {});
    const table = new ServedRequests(wheel);
    const request = new ServedRequest(new Answers(), 'a', 64);

    table.begin(request, 0);
    expect([table.size, table.has('a'), table.all, wheel.size]).toEqual([1, true, [request], 0]);
    expect([table.remove(request), table.remove(request)]).toEqual([true, false]);
    table.keep(request, 0);

    expect([table.size, table.has('a'), wheel.size]).toEqual([0, false, 0]);
  });

  it('can be cancelled from within, and aborted with all others', () => {
    for (const end of [
      (table: ServedRequests) => table.cancel('a', cancelled),
      (table: ServedRequests) => table.abortAll(cancelled),
    ]) {
      const wheel = new Wheel(() => {});
      const table = new ServedRequests(wheel);
      const request = new ServedRequest(new Answers(), 'a', 64);

      table.begin(request, 0);
      end(table);
      table.keep(request, 0);

      expect(request.aborted).toBe(cancelled);
      expect([table.size, wheel.size]).toEqual([0, 0]);
    }
  });

  it('is kept when its handlers bring in another one', () => {
    const wheel = new Wheel(() => {});
    const table = new ServedRequests(wheel);
    const [outer, inner] = ['a', 'b'].map((id) => new ServedRequest(new Answers(), id, 64));
    if (outer === undefined || inner === undefined) throw new RangeError();

    table.begin(outer, 0);
    table.begin(inner, 0);
    table.keep(inner, 0);
    table.keep(outer, 0);

    expect([table.has('a'), table.has('b'), table.size, wheel.size]).toEqual([true, true, 2, 2]);
  });
});

describe('ServedByProcess', () => {
  function newTable() {
    const wheel = new Wheel(() => {});
    const table = new ServedByProcess(wheel);
    const add = (process: string, id: number) => {
      const request = new ServedRequest(new Answers(), id, 64, {
        process,
        node: 'n',
        owner: null,
        isShared: false,
      });
      start(table, request, 0);
      return request;
    };
    return { wheel, table, add };
  }

  it('keeps the same id of two processes apart', () => {
    const { wheel, table, add } = newTable();
    const [a, b] = [add('p', 1), add('q', 1)];

    expect(table.remove(a)).toBe(true);
    expect(table.remove(a)).toBe(false);

    expect([table.has('p', 1), table.has('q', 1), table.size]).toEqual([false, true, 1]);
    expect(table.remove(b)).toBe(true);
    expect([table.size, wheel.size]).toEqual([0, 0]);
  });

  it('cancels for the process that asked only', () => {
    const { table, add } = newTable();
    const request = add('p', 1);

    table.cancel('q', 1, cancelled);
    table.cancel('p', 2, cancelled);
    expect(request.aborted).toBeNull();

    table.cancel('p', 1, cancelled);
    expect(request.aborted).toBe(cancelled);
    expect(table.size).toBe(0);
  });

  it('aborts all but those of one process, and counts on from there', () => {
    const { wheel, table, add } = newTable();
    const own = add('own', 1);
    const others = [add('p', 1), add('p', 2), add('q', 1)];

    table.abortAllBut('own', gone);

    expect(own.aborted).toBeNull();
    expect(others.map((request) => request.aborted)).toEqual([gone, gone, gone]);
    expect([table.size, wheel.size]).toEqual([1, 1]);
    expect(table.remove(own)).toBe(true);
    expect(table.size).toBe(0);
  });
});
