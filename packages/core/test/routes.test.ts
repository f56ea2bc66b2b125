import { describe, expect, it } from 'vitest';
import { nodeId } from '../src/address.ts';
import { Body } from '../src/body.ts';
import { RESOLVE_TIMEOUT_MS } from '../src/machine/resolver.ts';
import { Routes } from '../src/machine/routes.ts';
import { encodeSwarmFrame } from '../src/swarm-frame.ts';
import { nth, OTHER, Settled } from './hosts.ts';
import { call, newRouter, THIRD, to } from './router-end.ts';

const BY_NAME = 'test.n.far';
const INBOX_OF_OTHER = `test.p.${OTHER}`;

/** A router that knows from an answer that the node `far` is in {@link OTHER}. */
function newLearned(limits: Parameters<typeof newRouter>[0] = {}) {
  const end = newRouter(limits);
  const { host, router, respond } = end;
  /** Asks, and ends the turn. */
  const ask = (id = 'far', settled = new Settled(), deadlineMs = 1_000) => {
    const request = router.request(to(id), call(settled, deadlineMs), 0);
    const published = host.take();
    return { request, settled, published, subject: published[0]?.subject };
  };
  respond(ask().request.id);
  host.take();
  return { ...end, ask };
}

/** Two requests went by the name of `far`, and are answered by two processes. */
function newRouterWithTwoAnswers() {
  const { host, router, respond } = newRouter();
  const ids = [1, 2].map(() => router.request(to('far'), call(), 0).id);
  host.take();
  return {
    ...{ host, router },
    respond: () => {
      for (const [i, id] of ids.entries()) respond(id, { process: i === 0 ? OTHER : THIRD });
    },
    ask: () => {
      router.request(to('far'), call(), 0);
      return nth(host.take(), 0).subject;
    },
  };
}

describe('the way to a process', () => {
  it('learnedRoutesMax: is made once for so many processes, and the same when made again', () => {
    const routes = new Routes('test', 2);
    const way = routes.toProcess(OTHER);
    expect(way).toEqual({ subject: INBOX_OF_OTHER, process: OTHER });
    expect(routes.toProcess(OTHER)).toBe(way);

    routes.toProcess(THIRD);
    routes.toProcess('a'.repeat(16));

    expect(routes.toProcess(OTHER)).not.toBe(way);
    expect(routes.toProcess(OTHER)).toEqual(way);
  });
});

describe('the way to a chosen id', () => {
  it('is its name until an answer has told its process, from the next turn on', () => {
    const { host, router, respond } = newRouter();
    const { id } = router.request(to('far'), call(), 0);
    host.take();

    host.wakes = 0;
    respond(id);
    expect(host.wakes).toBe(1);
    router.emit(to('far'), call(), 0);
    expect(host.take()).toMatchObject([{ subject: BY_NAME }]);

    router.emit(to('far'), call(), 0);
    expect(host.take()).toMatchObject([{ subject: INBOX_OF_OTHER }]);
  });

  it('is learned from endpoint errors too, but not from who leaves, or does not have it', () => {
    const { host, router, receive } = newRouter();
    const subjectAfter = (fields: object) => {
      const { id } = router.request(to('far'), call(), 0);
      host.take();
      receive({ kind: 'error', id, node: 'far', body: Body.of(fields) });
      host.take();
      router.emit(to('far'), call(), 0);
      return nth(host.take(), 0).subject;
    };

    for (const errorSubtype of ['unreachable', 'closed']) {
      expect(subjectAfter({ errorType: 'protocol', errorSubtype })).toBe(BY_NAME);
    }
    expect(subjectAfter({ errorType: 'endpoint' })).toBe(INBOX_OF_OTHER);
  });

  it('is its name again when the process does not have it, for the same request too', () => {
    const { host, router, wheel, ask, receive, respond } = newLearned();
    const { request, settled, subject } = ask();
    expect(subject).toBe(INBOX_OF_OTHER);

    receive({ kind: 'not-here', to: 'far', id: request.id });
    expect(host.take()).toMatchObject([
      { subject: BY_NAME, frame: { kind: 'request', id: request.id, ttlMs: 1_000 } },
    ]);
    respond(request.id, { process: THIRD });

    expect(settled.summary).toEqual(['answer']);
    expect([router.size, wheel.size]).toEqual([0, 0]);
    router.flush(0);
    expect(ask().subject).toBe(INBOX_OF_OTHER.replace(OTHER, THIRD));
  });

  it('is forgotten when its process says that it leaves', () => {
    const { ask, receive } = newLearned();
    const { request } = ask();

    const body = Body.of({ errorType: 'protocol', errorSubtype: 'closed' });
    receive({ kind: 'error', id: request.id, node: 'far', body });

    expect(ask().subject).toBe(BY_NAME);
  });

  it('sends again with the time that is left', () => {
    const { host, router, ask } = newLearned();
    const { published } = ask();

    router.undeliverable(nth(published, 0).token, 400);

    expect(host.take()).toMatchObject([{ subject: BY_NAME, frame: { ttlMs: 600 } }]);
  });

  it('does not change for what another process, or one not asked, says', () => {
    const { host, ask, receive } = newLearned();
    const { request } = ask();

    receive({ kind: 'not-here', to: 'far', id: request.id }, THIRD);
    receive({ kind: 'not-here', to: 'other', id: request.id });
    receive({ kind: 'here', to: 'far' }, THIRD);

    expect(host.take()).toEqual([]);
    expect(ask().subject).toBe(INBOX_OF_OTHER);
  });

  it('is its name again when nobody hears the inbox, and unreachable if nobody hears that', () => {
    const { host, router, ask } = newLearned();
    const { settled, published } = ask();

    router.undeliverable(nth(published, 0).token, 0);
    const again = host.take();
    expect(again).toMatchObject([{ subject: BY_NAME }]);
    expect(settled.outcomes).toEqual([]);

    router.undeliverable(nth(again, 0).token, 0);
    expect(settled.summary).toEqual(['unreachable/no']);
    expect(router.size).toBe(0);
  });

  it('is not given up to a request that was settled meanwhile', () => {
    const { host, router, ask } = newLearned();
    const { request, published } = ask();
    router.cancel(request);
    host.take();

    router.undeliverable(nth(published, 0).token, 0);

    expect(host.take()).toEqual([]);
  });

  it('is its name again for events, when nobody hears the inbox or the node has moved', () => {
    const { host, router, receive, respond } = newLearned();
    const subjectOfEvent = () => {
      router.emit(to('far'), call(), 0);
      return nth(host.take(), 0);
    };
    const { token } = subjectOfEvent();
    expect(token).not.toBe(0);
    const later = subjectOfEvent();

    router.undeliverable(token, 0);
    expect(subjectOfEvent().subject).toBe(INBOX_OF_OTHER);
    router.undeliverable(later.token + 1, 0);
    expect(subjectOfEvent().subject).toBe(BY_NAME);

    const { id } = router.request(to('far'), call(), 0);
    host.take();
    respond(id);
    host.take();
    receive({ kind: 'not-here', to: 'far', id: 0 });
    expect(subjectOfEvent().subject).toBe(BY_NAME);
  });

  it('is not given up when a process turns out to be gone that had it before', () => {
    const { host, router, ask, respond } = newLearned();
    const dies = () => {
      router.request(to(nodeId(OTHER, new Uint8Array(16))), call(), 0);
      router.undeliverable(nth(host.take(), 0).token, 0);
    };
    dies();
    respond(ask().request.id, { process: THIRD });
    host.take();

    dies();

    expect(ask().subject).toBe(`test.p.${THIRD}`);
  });

  it('is that of the last answer, when two processes answered', () => {
    const { host, router, ask, respond } = newRouterWithTwoAnswers();
    respond();
    host.take();

    router.request(to(nodeId(OTHER, new Uint8Array(16))), call(), 0);
    router.undeliverable(nth(host.take(), 0).token, 0);

    expect(ask()).toBe(`test.p.${THIRD}`);
  });

  it('is its name again after silence, and after the link was lost', () => {
    const { router, wheel, ask, respond, host } = newLearned();
    ask('far', new Settled(), 64);
    wheel.advance(64);
    const { request, subject } = ask();
    expect(subject).toBe(BY_NAME);
    respond(request.id);
    host.take();

    router.lost(1);
    router.opened(2);
    router.ready(2);

    expect(ask().subject).toBe(BY_NAME);
  });

  it('of a generated id is never its name', () => {
    const { host, router, receive } = newRouter();
    const id = nodeId(OTHER, new Uint8Array(16));
    const settled = new Settled();
    const request = router.request(to(id), call(settled), 0);
    const [published] = host.take();

    receive({ kind: 'not-here', to: id, id: request.id });
    router.undeliverable(published?.token ?? 0, 0);

    expect(host.take()).toEqual([]);
    expect(settled.summary).toEqual(['unreachable/no']);
  });

  it('learnedRoutesMax: remembers so many, and forgets the one learned first', () => {
    const { host, ask, respond } = newLearned({ learnedRoutesMax: 2 });
    for (const id of ['second', 'third']) {
      respond(ask(id).request.id, { node: id });
      host.take();
    }

    expect(['far', 'second', 'third'].map((id) => ask(id).subject)).toEqual([
      BY_NAME,
      INBOX_OF_OTHER,
      INBOX_OF_OTHER,
    ]);
  });
});

describe('a request that went by name, to a process that no longer has the node', () => {
  it('waits a little for another that may have it, and takes its answer', () => {
    const { host, router, receive, respond, wheel } = newRouter();
    const settled = new Settled();
    const { id } = router.request(to('far'), call(settled), 0);
    host.take();

    receive({ kind: 'not-here', to: 'far', id });
    receive({ kind: 'not-here', to: 'far', id }, THIRD);
    wheel.advance(RESOLVE_TIMEOUT_MS - 1);
    expect(settled.outcomes).toEqual([]);
    respond(id, { process: THIRD });

    expect(settled.summary).toEqual(['answer']);
    expect([router.size, wheel.size]).toEqual([0, 0]);
  });

  it('is no other when that process is the one that asks, which still hears the name', () => {
    const { host, router, wheel } = newRouter();
    const settled = new Settled();
    router.request(to('far'), call(settled), 0);
    const { frame, subject } = nth(host.take(), 0);

    router.receive(subject, encodeSwarmFrame(frame), 0);
    router.flush(0);
    expect(settled.outcomes).toEqual([]);

    wheel.advance(RESOLVE_TIMEOUT_MS + 64);
    expect(settled.summary).toEqual(['unreachable/unknown']);
  });

  it('is unreachable then, and nobody knows whether the other one has run it', () => {
    const { host, router, receive, wheel } = newRouter();
    const settled = new Settled();
    const { id } = router.request(to('far'), call(settled), 0);
    host.take();

    receive({ kind: 'not-here', to: 'far', id });
    wheel.advance(RESOLVE_TIMEOUT_MS + 64);

    expect(settled.summary).toEqual(['unreachable/unknown']);
    expect([router.size, wheel.size]).toEqual([0, 0]);
  });
});
