import { describe, expect, it } from 'vitest';
import { nodeId } from '../src/address.ts';
import { RESOLVE_TIMEOUT_MS } from '../src/machine/resolver.ts';
import { encodeSwarmFrame, frameTo } from '../src/swarm-frame.ts';
import { nth, OTHER, OWN, Settled, thrownRefusal } from './hosts.ts';
import { call, newRouter, THIRD, to } from './router-end.ts';

const farId = nodeId(OTHER, new Uint8Array(16));
const INBOX_OF_OTHER = `test.p.${OTHER}`;

/** A router in a swarm that does not tell when nobody hears. */
function newBlind(limits: Parameters<typeof newRouter>[0] = {}) {
  return newRouter(limits, 'newest', false);
}

describe('a swarm that does not tell who hears', () => {
  it('is asked once who has a node; what was held back follows in order, to its process', () => {
    const { host, router, receive, respond } = newBlind();
    const settled = new Settled();

    const first = router.request(to('far'), call(settled), 0);
    router.emit(to('far'), call(), 0);
    router.request(to('far'), call(settled), 0);
    expect(host.take()).toMatchObject([{ subject: 'test.n.far', frame: { kind: 'who-has' } }]);

    receive({ kind: 'here', to: 'far' });
    expect(host.take().map(({ subject, frame }) => [subject, frame.kind])).toEqual([
      [INBOX_OF_OTHER, 'request'],
      [INBOX_OF_OTHER, 'event'],
      [INBOX_OF_OTHER, 'request'],
    ]);
    respond(first.id);
    expect(settled.summary).toEqual(['answer']);
  });

  it('asks the inbox about a process, and only that process can say that it is there', () => {
    const { host, router, receive } = newBlind();

    router.request(to(farId), call(), 0);
    expect(host.take()).toMatchObject([{ subject: INBOX_OF_OTHER, frame: { kind: 'who-has' } }]);

    receive({ kind: 'here', to: farId }, THIRD);
    expect(host.take()).toEqual([]);
    receive({ kind: 'here', to: farId });
    expect(host.take()).toMatchObject([{ subject: INBOX_OF_OTHER, frame: { kind: 'request' } }]);
  });

  it('takes silence as unreachable, not a millisecond early, and drops the events', () => {
    const { host, router, wheel, receive } = newBlind();
    const settled = new Settled();
    router.request(to('far'), call(settled), 0);
    router.emit(to('far'), call(), 0);
    host.take();

    wheel.advance(RESOLVE_TIMEOUT_MS - 1);
    expect(settled.outcomes).toEqual([]);
    wheel.advance(RESOLVE_TIMEOUT_MS + 64);
    receive({ kind: 'here', to: 'far' });

    expect(settled.summary).toEqual(['unreachable/no']);
    expect([host.take(), router.size, wheel.size]).toEqual([[], 0, 0]);
  });

  it('is not asked again about what has answered, until it is silent', () => {
    const { host, router, receive, wheel } = newBlind();
    const kinds = () => {
      router.request(to(farId), call(new Settled(), 64), 0);
      return host.take().map(({ frame }) => frame.kind);
    };
    expect(kinds()).toEqual(['who-has']);
    receive({ kind: 'here', to: farId });
    host.take();

    expect(kinds()).toEqual(['request']);
    wheel.advance(64);
    expect(kinds()).toEqual(['who-has']);
  });

  it('believes nobody who was not asked', () => {
    const { host, router, receive } = newBlind();

    receive({ kind: 'here', to: 'far' });
    router.request(to('far'), call(), 0);

    expect(host.take()).toMatchObject([{ frame: { kind: 'who-has' } }]);
  });

  it('asks again about a node that is not where it was, holding the request back', () => {
    const { host, router, receive } = newBlind();
    const settled = new Settled();
    const request = router.request(to('far'), call(settled), 0);
    receive({ kind: 'here', to: 'far' });
    host.take();

    receive({ kind: 'not-here', to: 'far', id: request.id });
    expect(host.take()).toMatchObject([{ subject: 'test.n.far', frame: { kind: 'who-has' } }]);
    receive({ kind: 'here', to: 'far' }, THIRD);

    expect(host.take()).toMatchObject([
      { subject: `test.p.${THIRD}`, frame: { kind: 'request', id: request.id } },
    ]);
  });

  it('takes no answer to what is held back: nobody is asked', () => {
    const { router, respond } = newBlind();
    const settled = new Settled();
    const { id } = router.request(to('far'), call(settled), 0);

    respond(id);

    expect(settled.outcomes).toEqual([]);
  });

  it('sends nothing of what was settled while it was held back', () => {
    const { host, router, receive, wheel } = newBlind();
    const settled = new Settled();
    const cancelled = router.request(to('far'), call(settled), 0);
    router.request(to('far'), call(settled, 64), 0);
    host.take();

    router.cancel(cancelled);
    wheel.advance(64);
    receive({ kind: 'here', to: 'far' });

    expect(settled.summary).toEqual(['cancelled/no', 'timeout/no']);
    expect([host.take(), router.size]).toEqual([[], 0]);
  });

  it('has not got what was held back when the link is lost', () => {
    const { router, wheel } = newBlind();
    const settled = new Settled();
    router.request(to('far'), call(settled), 0);

    router.lost(1);

    expect(settled.summary).toEqual(['closed/no']);
    expect([router.size, wheel.size]).toEqual([0, 0]);
  });

  it('waitingFramesMax: holds so many events back, and refuses one more', () => {
    const { router } = newBlind({ waitingFramesMax: 3 });
    router.request(to('far'), call(), 0);
    for (let i = 0; i < 2; i += 1) router.emit(to('far'), call(), 0);

    expect(() => router.emit(to('far'), call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
  });

  it('is told of events at once, whether anybody hears them or not', () => {
    const { host, router } = newBlind();

    router.emit(to('far'), call(), 0);
    router.emit(to(farId), call(), 0);

    expect(host.take().map(({ subject }) => subject)).toEqual(['test.n.far', INBOX_OF_OTHER]);
  });
});

describe('a process that is asked who has a node', () => {
  it('says that it has it, to the process that asks', () => {
    const { host, receive } = newRouter();

    receive({ kind: 'who-has' }, THIRD);

    expect(host.take()).toMatchObject([
      { subject: `test.p.${THIRD}`, frame: { kind: 'here', to: 'here', process: OWN } },
    ]);
  });

  it('says nothing by name of a node it does not have, and that it is there by inbox', () => {
    const { host, router } = newRouter();
    const asked = (id: string) => encodeSwarmFrame(frameTo('who-has', OTHER, id));

    router.receive('test.n.gone', asked('gone'), 0);
    router.receive(`test.p.${OWN}`, asked('gone'), 0);
    expect(host.take()).toEqual([]);
    router.receive(`test.p.${OWN}`, asked(nodeId(OWN, new Uint8Array(16))), 0);

    expect(nth(host.take(), 0).frame.kind).toBe('here');
  });
});

describe('a ping', () => {
  it('is told of when it is our own, and of no other process', () => {
    const { host, receive } = newRouter();

    receive({ kind: 'ping', target: 'process', to: '', id: 5 }, OWN);
    receive({ kind: 'ping', target: 'process', to: '', id: 6 }, OTHER);

    expect(host.pongs).toEqual([5]);
  });
});
