import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { HEADER_BYTES_MAX } from '../src/bytes.ts';
import { encodeSwarmFrame, frameTo } from '../src/swarm-frame.ts';
import { nth, OTHER, ok, thrownRefusal } from './hosts.ts';
import { call, INBOX, newRouter, to } from './router-end.ts';

describe('Router at its limits', () => {
  it('routedRequestsMax: refuses to open one more', () => {
    const { host, router, wheel } = newRouter({ routedRequestsMax: 2 });
    router.request(to('far'), call(), 0);
    router.request(to('here'), call(), 0);

    for (const id of ['far', 'here']) {
      expect(() => router.request(to(id), call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    }

    expect([wheel.size, host.take().length]).toEqual([2, 1]);
  });

  it('routedRequestsMax: answers overloaded to one more, and does not run it', () => {
    const { host, request } = newRouter({ routedRequestsMax: 2 });
    for (const id of [1, 2, 3]) request(id);

    expect(host.take()).toMatchObject([
      { frame: { id: 3, body: { value: { errorSubtype: 'overloaded', delivered: 'no' } } } },
    ]);
    nth(host.served, 0).request.answer(ok(Body.of(1)));
    request(4);
    expect(host.served).toHaveLength(3);
  });

  it('turnMessagesMax: refuses to hold back one more', () => {
    const { host, router, wheel } = newRouter({ turnMessagesMax: 2 });
    router.emit(to('here'), call(), 0);
    router.request(to('here'), call(), 0);

    expect(() => router.emit(to('here'), call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    expect(() => router.request(to('here'), call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    expect([router.size, wheel.size]).toEqual([3, 1]);

    router.flush(0);
    router.emit(to('here'), call(), 0);
    expect(host.started).toHaveLength(2);
  });

  it('swarmFrameBytesMax: refuses to send one byte more, near or far', () => {
    const { host, router, wheel } = newRouter({ swarmFrameBytesMax: HEADER_BYTES_MAX + 904 });
    // The header may take its part of them, and the text its quotes and brackets.
    const fitting = Body.of(['x'.repeat(900)]);
    const body = Body.of(['x'.repeat(901)]);

    for (const id of ['far', 'here']) {
      router.request(to(id), { ...call(), body: fitting }, 0);
      expect(() => router.request(to(id), { ...call(), body }, 0)).toThrow(
        thrownRefusal('too_large', 'no'),
      );
      expect(() => router.emit(to(id), { ...call(), body }, 0)).toThrow(
        thrownRefusal('too_large', 'no'),
      );
    }

    expect([wheel.size, host.take().length]).toEqual([2, 1]);
  });

  it('swarmFrameBytesMax: reads no message that is longer, whoever sent it', () => {
    const max = HEADER_BYTES_MAX + 904;
    const { host, router } = newRouter({ swarmFrameBytesMax: max });
    const bare = encodeSwarmFrame({ ...frameTo('event', OTHER, 'here'), name: 'x' });
    const padded = (length: number) => {
      const payload = new Uint8Array(length);
      payload.set(bare);
      return payload;
    };

    router.receive(INBOX, padded(max + 1), 0);
    expect(host.noticed).toEqual([]);

    router.receive(INBOX, padded(max), 0);
    expect(host.noticed).toHaveLength(1);
  });

  it('swarmFrameBytesMax: answers too_large for an answer of one byte more', () => {
    const { host, request } = newRouter({ swarmFrameBytesMax: HEADER_BYTES_MAX + 904 });
    for (const id of [1, 2]) request(id);

    nth(host.served, 0).request.answer(ok(Body.of('x'.repeat(902))));
    nth(host.served, 1).request.answer(ok(Body.of('x'.repeat(903))));

    expect(host.take()).toMatchObject([
      { frame: { kind: 'response' } },
      { frame: { kind: 'error', body: { value: { errorSubtype: 'too_large' } } } },
    ]);
  });
});
