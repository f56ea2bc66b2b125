import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { nth, OTHER, OWN, ok, Settled } from './hosts.ts';
import { call, newRouter, to } from './router-end.ts';

describe('Router within the process', () => {
  it('delivers at the end of the turn, and never within the call', () => {
    const { host, router } = newRouter();
    const settled = new Settled();

    router.request(to('here'), call(settled), 0);
    router.emit(to('here'), call(), 0);
    expect([host.started, host.wakes]).toEqual([[], 1]);

    expect(router.flush(0)).toBe(2);
    expect(host.started).toEqual(['load', 'load']);
    nth(host.served, 0).request.answer(ok(Body.of('done')));
    expect([settled.outcomes, host.wakes]).toEqual([[], 2]);

    router.flush(0);
    expect(settled.summary).toEqual(['done']);
    expect([router.size, host.take()]).toEqual([0, []]);
  });

  it('shares no value between the two ends', () => {
    const { host, router } = newRouter();
    const settled = new Settled();
    const body = Body.of([{ a: 1 }]);
    router.request(to('here'), { ...call(settled), body }, 0);
    router.flush(0);
    const { frame, request } = nth(host.served, 0);
    expect(frame.body.value).toEqual([{ a: 1 }]);
    expect(frame.body.value).not.toBe(body.value);

    const answer = Body.decoded({ b: 1 });
    request.answer(ok(answer));
    router.flush(0);

    const outcome = nth(settled.outcomes, 0);
    expect(outcome).toMatchObject({ ok: true, body: { value: { b: 1 } } });
    expect(outcome.ok && outcome.body.value === answer.value).toBe(false);
  });

  it('does not run what was given up before the end of the turn', () => {
    const { host, router, wheel } = newRouter();
    const [cancelled, late] = [new Settled(), new Settled()];
    router.cancel(router.request(to('here'), call(cancelled), 0));
    router.request(to('here'), call(late, 64), 0);
    wheel.advance(64);

    router.flush(64);

    expect(host.started).toEqual([]);
    expect(cancelled.summary).toEqual(['cancelled/no']);
    expect(late.summary).toEqual(['timeout/no']);
  });

  it('aborts what was given up after it', () => {
    const { host, router } = newRouter();
    const settled = new Settled();
    const request = router.request(to('here'), call(settled), 0);
    router.flush(0);

    router.cancel(request);
    router.flush(0);

    expect(nth(host.served, 0).request.aborted).toMatchObject({ subtype: 'cancelled' });
    expect(settled.summary).toEqual(['cancelled/unknown']);
    expect([router.size, host.take()]).toEqual([0, []]);
  });

  it('is unreachable for a node that left before the end of the turn', () => {
    const { router } = newRouter();
    const settled = new Settled();
    router.request(to('here'), call(settled), 0);

    router.remove('here', 'node', 'gone');
    router.flush(0);
    router.flush(0);

    expect(settled.summary).toEqual(['unreachable/no']);
    expect(router.size).toBe(0);
  });

  it('takes no answer to it from another process', () => {
    const { router, receive } = newRouter();
    const settled = new Settled();
    const { id } = router.request(to('here'), call(settled), 0);
    router.flush(0);

    receive({ kind: 'response', id, node: 'here' });
    router.undeliverable(id, 0);

    expect(settled.outcomes).toEqual([]);
  });
});

describe('Router claiming ids', () => {
  it('publishes a claim on the subject of the id', () => {
    const { host, router } = newRouter();

    router.claim(['here'], 0);

    expect(host.take()).toMatchObject([
      {
        subject: 'test.n.here',
        token: 0,
        frame: { kind: 'claim', to: 'here', process: OWN, id: 1 },
      },
    ]);
  });

  it('tells all processes of several, in one message', () => {
    const { host, router } = newRouter();
    router.add('too', 'node');

    router.claim(['here', 'gone', 'too'], 0);

    const claims = ['here', 'too'].map((to) => ({ kind: 'claim', to, process: OWN, id: 1 }));
    expect(host.take()).toMatchObject(
      claims.map((frame) => ({ subject: 'test.c', token: 0, frame })),
    );
  });

  it('tells all processes of one, where it is not known who else listens to its name', () => {
    const { host, router } = newRouter();

    router.claim(['here'], 0, true);

    const frame = { kind: 'claim', to: 'here', process: OWN, id: 1 };
    expect(host.take()).toMatchObject([{ subject: 'test.c', token: 0, frame }]);
  });

  it('newest: gives the id up, and says nothing', () => {
    const { host, router, receive } = newRouter({}, 'newest');
    router.claim(['here'], 0);
    host.take();

    receive({ kind: 'claim', id: 2 });

    expect(host.membership).toEqual(['evict node replaced']);
    expect(host.take()).toEqual([]);
  });

  it('oldest: tells the claimant that the id is taken', () => {
    const { host, router, receive } = newRouter({}, 'oldest');
    router.claim(['here'], 0);
    receive({ kind: 'claim', id: 0 }, OWN);
    host.take();

    receive({ kind: 'claim', id: 0 });

    expect(host.membership).toEqual([]);
    expect(host.take()).toMatchObject([
      { subject: `test.p.${OTHER}`, frame: { kind: 'taken', to: 'here', id: 0 } },
    ]);
  });

  it('newest: claims again, by name, when an older owner objects', () => {
    const { host, router, receive } = newRouter({}, 'newest');
    router.claim(['here'], 0);
    host.take();

    receive({ kind: 'taken', id: 4 });

    expect(host.membership).toEqual([]);
    expect(host.take()).toMatchObject([
      { subject: 'test.n.here', frame: { kind: 'claim', id: 5 } },
    ]);
  });

  it('claims nothing for a node that has left meanwhile', () => {
    const { host, router } = newRouter();

    router.claim(['gone'], 0);

    expect(host.take()).toEqual([]);
  });

  it('gives up a node whose id is taken', () => {
    const { host, router, receive } = newRouter({}, 'oldest');
    router.claim(['here'], 0);

    receive({ kind: 'taken', id: 1 });

    expect(host.membership).toEqual(['evict node taken']);
  });
});
