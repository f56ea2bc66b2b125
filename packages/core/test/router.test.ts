import { describe, expect, it } from 'vitest';
import { nodeId } from '../src/address.ts';
import { Body } from '../src/body.ts';
import { protocolError, SwarmError } from '../src/errors.ts';
import { nth, OTHER, OWN, ok, Settled, thrownRefusal } from './hosts.ts';
import { call, newRouter, THIRD, to } from './router-end.ts';

const farId = nodeId(OTHER, new Uint8Array(16));

describe('Router asking another process', () => {
  it('asks a chosen id on the subject of the id', () => {
    const { host, router } = newRouter();

    const { id } = router.request(to('fär', 'here'), call(), 0);

    expect(host.take()).toMatchObject([
      {
        epoch: 1,
        subject: 'test.n.f=c3=a4r',
        token: 1,
        frame: { kind: 'request', process: OWN, node: 'here', to: 'fär', id, ttlMs: 1_000 },
      },
    ]);
  });

  it('asks a generated id in the inbox of its process', () => {
    const { host, router } = newRouter();

    router.request(to(farId), call(), 0);

    expect(host.take()).toMatchObject([{ subject: `test.p.${OTHER}`, frame: { node: null } }]);
  });

  it('settles with the answer of the node that was asked, once', () => {
    const { host, router, respond, wheel } = newRouter();
    const settled = new Settled();
    const { id } = router.request(to('far'), call(settled), 0);
    host.take();

    respond(id);
    respond(id);

    expect(settled.summary).toEqual(['answer']);
    expect([router.size, wheel.size]).toEqual([0, 0]);
  });

  it('settles with the error of the answer', () => {
    const { host, router, receive } = newRouter();
    const settled = new Settled();
    const { id } = router.request(to('far'), call(settled), 0);
    host.take();

    const body = Body.of({ errorType: 'endpoint', message: 'no', code: 'E' });
    receive({ kind: 'error', id, node: 'far', body });

    expect(settled.outcomes).toMatchObject([
      { ok: false, error: { type: 'endpoint', message: 'no', code: 'E', delivered: 'yes' } },
    ]);
  });

  it('takes no answer from a node that was not asked', () => {
    const { host, router, respond } = newRouter();
    const settled = new Settled();
    const { id } = router.request(to('far'), call(settled), 0);
    host.take();

    respond(id, { node: 'other' });
    respond(id, { node: null });
    respond(id + 1);

    expect(settled.outcomes).toEqual([]);
  });

  it('takes no answer from a process that was not asked, where the id says which one was', () => {
    const { host, router, respond } = newRouter();
    const settled = new Settled();
    const { id } = router.request(to(farId), call(settled), 0);
    host.take();

    respond(id, { process: THIRD, node: farId });
    expect(settled.outcomes).toEqual([]);

    respond(id, { process: OTHER, node: farId });
    expect(settled.summary).toEqual(['answer']);
  });

  it('is unreachable when nobody heard the message it went with', () => {
    const { host, router } = newRouter();
    const settled = new Settled();
    router.request(to('far'), call(settled), 0);
    const { token } = nth(host.take(), 0);

    router.undeliverable(token + 1, 0);
    expect(settled.outcomes).toEqual([]);

    router.undeliverable(token, 0);
    router.undeliverable(token, 0);
    expect(settled.summary).toEqual(['unreachable/no']);
    expect(router.size).toBe(0);
  });

  it('is unreachable at once for a generated id of its own that is gone', () => {
    const { router, wheel } = newRouter();
    const gone = nodeId(OWN, new Uint8Array(16));

    expect(() => router.request(to(gone), call(), 0)).toThrow(thrownRefusal('unreachable', 'no'));
    expect(() => router.emit(to(gone), call(), 0)).toThrow(thrownRefusal('unreachable', 'no'));
    expect([router.size, wheel.size]).toEqual([0, 0]);
  });

  it('times out at the deadline, not one millisecond before, as unknown', () => {
    const { host, router, respond, wheel } = newRouter();
    const settled = new Settled();
    const { id } = router.request(to('far'), call(settled, 128), 0);
    host.take();

    wheel.advance(127);
    expect(settled.outcomes).toEqual([]);

    wheel.advance(128);
    respond(id);
    expect(settled.summary).toEqual(['timeout/unknown']);
  });

  it('tells the node that the asking side gave up, the way it was asked', () => {
    const { host, router, respond } = newRouter();
    const settled = new Settled();
    const requests = ['far', farId].map((id) => router.request(to(id), call(settled), 0));
    host.take();

    for (const request of [...requests, ...requests]) router.cancel(request);
    respond(nth(requests, 0).id);

    expect(host.take()).toMatchObject([
      { subject: 'test.n.far', token: 0, frame: { kind: 'cancel', id: 1 } },
      { subject: `test.p.${OTHER}`, token: 0, frame: { kind: 'cancel', id: 2 } },
    ]);
    expect(settled.summary).toEqual(['cancelled/unknown', 'cancelled/unknown']);
  });

  it('sends an event as such, with no id', () => {
    const { host, router } = newRouter();

    router.emit({ to: 'far', via: 'remoteClient', from: 'here' }, call(), 0);

    expect(host.take()).toMatchObject([
      { token: 0, frame: { kind: 'event', id: 0, via: 'remoteClient', node: 'here' } },
    ]);
    expect(router.size).toBe(0);
  });
});

describe('Router and its link', () => {
  it('refuses what needs a link while there is none, and goes on in the process', () => {
    const { host, router } = newRouter();
    router.lost(1);

    expect(() => router.request(to('far'), call(), 0)).toThrow(thrownRefusal('closed', 'no'));
    expect(() => router.emit(to('far'), call(), 0)).toThrow(thrownRefusal('closed', 'no'));
    router.claim(['here'], 0);
    router.emit(to('here'), call(), 0);
    router.flush(0);

    expect(host.take()).toEqual([]);
    expect(host.noticed).toHaveLength(1);
  });

  it('settles what went by a lost link at once, and nothing else', () => {
    const { host, router } = newRouter();
    const [first, second, local] = [new Settled(), new Settled(), new Settled()];
    router.request(to('far'), call(first), 0);
    host.take();
    router.request(to('here'), call(local), 0);
    router.lost(1);
    router.opened(2);
    router.ready(2);
    router.request(to('far'), call(second), 0);
    host.take();

    router.lost(1);

    expect(first.summary).toEqual(['closed/unknown']);
    expect([second.outcomes, local.outcomes]).toEqual([[], []]);
    router.lost(2);
    expect(second.summary).toEqual(['closed/unknown']);
  });

  it('aborts what came in by a lost link, and answers it no more', () => {
    const { host, router, receive } = newRouter();
    receive({ kind: 'request', id: 1, ttlMs: 1_000, name: 'x' });
    router.request(to('here'), call(), 0);
    router.flush(0);
    const [far, local] = [nth(host.served, 0).request, nth(host.served, 1).request];

    router.lost(1);
    far.answer(ok(Body.of(1)));

    expect(far.aborted).toMatchObject({ subtype: 'closed' });
    expect(local.aborted).toBeNull();
    expect(host.take()).toEqual([]);
  });

  it('refuses while the broker pushes back, and answers all the same', () => {
    const { host, router, receive } = newRouter();
    router.pressure(1, true);

    expect(() => router.request(to('far'), call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    expect(() => router.emit(to('far'), call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    receive({ kind: 'request', id: 1, ttlMs: 1_000, name: 'x' });
    nth(host.served, 0).request.answer(ok(Body.of(1)));
    expect(host.take()).toHaveLength(1);

    router.pressure(1, false);
    router.emit(to('far'), call(), 0);
    expect(host.take()).toHaveLength(1);
  });

  it('does not carry the pressure of a lost link over to the next', () => {
    const { host, router } = newRouter();
    router.pressure(1, true);
    router.lost(1);
    router.opened(2);
    router.ready(2);

    router.emit(to('far'), call(), 0);

    expect(host.take()).toMatchObject([{ epoch: 2 }]);
  });

  it('uses the first of its links that is left', () => {
    const { host, router } = newRouter();
    router.opened(2);
    router.ready(2);
    router.emit(to('far'), call(), 0);
    expect(host.take()).toMatchObject([{ epoch: 1 }]);

    router.lost(1);
    router.emit(to('far'), call(), 0);
    expect(host.take()).toMatchObject([{ epoch: 2 }]);
  });

  it('reads errors without meaning as errors all the same', () => {
    const { host, router, receive } = newRouter();
    const settled = new Settled();
    for (const body of [Body.of('what'), Body.received(new Uint8Array([1]), 99)]) {
      const { id } = router.request(to('far'), call(settled), 0);
      host.take();
      receive({ kind: 'error', id, node: 'far', body });
    }

    expect(settled.summary).toEqual(['invalid/unknown', 'invalid/unknown']);
  });
});

describe('Router answering', () => {
  it('answers too_large or internal for what cannot be written, having run the handlers', () => {
    const { host, receive } = newRouter();
    for (const id of [1, 2, 3]) receive({ kind: 'request', id, ttlMs: 1_000, name: 'x' });
    const requests = host.served.map(({ request }) => request);

    nth(requests, 0).answer(ok(Body.of('x'.repeat(600_000))));
    nth(requests, 1).answer({ ok: false, error: new SwarmError('no', { data: 1n }) });
    nth(requests, 2).answer({ ok: false, error: protocolError('forbidden', 'no', 'you') });

    const bodies = host.take().map(({ frame }) => frame.body.value);
    expect(bodies).toMatchObject([
      { errorSubtype: 'too_large', delivered: 'yes' },
      { errorSubtype: 'internal', delivered: 'yes' },
      { errorSubtype: 'forbidden', delivered: 'no' },
    ]);
  });
});
