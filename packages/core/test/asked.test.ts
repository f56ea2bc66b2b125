import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { OpenRequests } from '../src/machine/asked.ts';
import { Wheel } from '../src/machine/wheel.ts';
import { ok, Settled, thrownRefusal } from './hosts.ts';

function newTable(max = 8) {
  const wheel = new Wheel(() => {});
  return { wheel, table: new OpenRequests(wheel, max, 'openRequestsMax') };
}

describe('OpenRequests', () => {
  it('settles a request once and ignores the doubled answer', () => {
    const { table, wheel } = newTable();
    const settled = new Settled();
    const { id } = table.open(1_000, settled, 0);

    expect(table.settle(id, ok(Body.of('first')))).toBe(true);
    expect(table.settle(id, ok(Body.of('second')))).toBe(false);

    expect(settled.summary).toEqual(['first']);
    expect([table.size, wheel.size]).toEqual([0, 0]);
  });

  it('knows nothing of an id that was never given, or is spelled differently', () => {
    const { table } = newTable();
    const settled = new Settled();
    const { id } = table.open(1_000, settled, 0);

    expect(table.settle(id + 1, ok(Body.of(1)))).toBe(false);
    expect(table.settle(String(id), ok(Body.of(1)))).toBe(false);

    expect(settled.outcomes).toEqual([]);
  });

  it('never gives an id twice', () => {
    const { table } = newTable();
    const ids = [1, 2, 3].map(() => {
      const request = table.open(1_000, new Settled(), 0);
      table.settle(request.id, ok(Body.of(null)));
      return request.id;
    });

    expect(new Set(ids).size).toBe(3);
  });

  it('refuses one request past its bound, and accepts again when there is room', () => {
    const { table } = newTable(2);
    const first = table.open(1_000, new Settled(), 0);
    table.open(1_000, new Settled(), 0);

    expect(() => table.open(1_000, new Settled(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    expect(table.size).toBe(2);

    table.settle(first.id, ok(Body.of(null)));
    expect(table.open(1_000, new Settled(), 0).id).toBe(3);
  });

  it('times out as unknown what may have left, and as not delivered what cannot have', () => {
    const { table, wheel } = newTable();
    const [waiting, sent] = [new Settled(), new Settled()];
    table.open(64, waiting, 0);
    table.open(64, sent, 0).sent = true;

    wheel.advance(64);

    expect(waiting.summary).toEqual(['timeout/no']);
    expect(sent.summary).toEqual(['timeout/unknown']);
    expect(table.size).toBe(0);
  });

  it('forgets a request without telling its settler', () => {
    const { table, wheel } = newTable();
    const settled = new Settled();

    table.forget(table.open(64, settled, 0));
    wheel.advance(64);

    expect(settled.outcomes).toEqual([]);
    expect([table.size, wheel.size]).toEqual([0, 0]);
  });

  it('closes what is concerned, in the order of opening, and nothing else', () => {
    const { table, wheel } = newTable();
    const log: number[] = [];
    const open = () => table.open(1_000, { settle: () => log.push(index) }, 0);
    let index = 0;
    const requests = [open(), open(), open()];

    table.closeAll('gone', (request) => {
      index = request.id;
      return request !== requests[1];
    });
    expect(log).toEqual([1, 3]);
    expect([table.size, wheel.size]).toEqual([1, 1]);

    table.closeAll('gone');
    expect([table.size, wheel.size]).toEqual([0, 0]);
  });

  it('closes nothing where nothing was ever asked', () => {
    const { table } = newTable();

    table.closeAll('gone');

    expect(table.size).toBe(0);
    expect(table.get(1)).toBeUndefined();
  });

  it('leaves a request that is asked while all are being closed alone', () => {
    const { table } = newTable();
    const late = new Settled();
    table.open(1_000, { settle: () => table.open(1_000, late, 0) }, 0);

    table.closeAll('gone');

    expect(late.outcomes).toEqual([]);
    expect(table.size).toBe(1);
  });
});
