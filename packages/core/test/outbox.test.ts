import { describe, expect, it } from 'vitest';
import { nodeId } from '../src/address.ts';
import { Body } from '../src/body.ts';
import { nth, OTHER, OWN, Settled, thrownRefusal } from './hosts.ts';
import { call, newRouter, THIRD, to } from './router-end.ts';

const farId = nodeId(OTHER, new Uint8Array(16));
const thirdId = nodeId(THIRD, new Uint8Array(16));

/** An event whose body takes about so many bytes. */
function sized(bytes: number) {
  return { ...call(), body: Body.of(['x'.repeat(bytes)]) };
}

describe('what leaves in one turn', () => {
  it('is one message for each inbox or name, in order, at the end of the turn', () => {
    const { host, router } = newRouter();

    for (const id of [farId, thirdId, 'far', farId, 'far']) router.emit(to(id), call(), 0);
    expect(host.published).toEqual([]);
    router.flush(0);

    expect(host.published.map(({ frame }) => frame.to)).toEqual([
      ...[farId, farId, thirdId, 'far', 'far'],
    ]);
    expect(host.messages.map(({ frames }) => frames)).toEqual([2, 1, 2]);
    expect(host.wakes).toBeGreaterThan(0);
  });

  it('travels bare when it is one frame', () => {
    const { host, router } = newRouter();

    router.emit(to(farId), call(), 0);
    router.flush(0);
    router.emit(to(farId), call(), 0);
    router.emit(to(farId), call(), 0);
    router.flush(0);

    const [bare, two] = [nth(host.messages, 0), nth(host.messages, 1)];
    // The second need not say again where both go, where they come from, and that no node asks.
    const shared = 1 + farId.length + 1 + OWN.length + 1;
    expect(two).toEqual({ frames: 2, bytes: 1 + 2 * (1 + bare.bytes) - shared });
  });

  it('says all of what a frame alone has to say, behind a batch that is full', () => {
    const { host, router } = newRouter({ batchBytesMax: 4_000 });

    for (let i = 0; i < 4; i += 1) router.emit(to(farId), sized(1_000), 0);
    router.emit(to(farId), sized(20_000), 0);
    router.flush(0);

    expect(host.messages.map(({ frames }) => frames)).toEqual([3, 1, 1]);
    expect(host.published.map(({ frame }) => frame.to)).toEqual(Array(5).fill(farId));
  });

  it('keeps answers with what else goes to the same process', () => {
    const { host, router, request } = newRouter();
    request(1);
    nth(host.served, 0).request.answer({ ok: true, body: Body.of(1) });

    router.emit(to(farId), call(), 0);
    router.flush(0);

    expect(host.messages).toMatchObject([{ frames: 2 }]);
  });

  it('batchBytesMax: sends what would be over it before the turn ends', () => {
    const { host, router } = newRouter({ batchBytesMax: 4_000 });

    for (let i = 0; i < 10; i += 1) router.emit(to(farId), sized(1_000), 0);
    expect(host.messages.length).toBe(3);
    router.flush(0);

    expect(host.published).toHaveLength(10);
    expect(host.messages.every(({ frames }) => frames <= 3)).toBe(true);
    expect(Math.max(...host.messages.map(({ bytes }) => bytes))).toBeLessThanOrEqual(4_000);
  });

  it('batchBytesMax: is never more than what a process reads', () => {
    const { host, router } = newRouter({ swarmFrameBytesMax: 20_000 });

    for (let i = 0; i < 10; i += 1) router.emit(to(farId), sized(3_000), 0);
    router.flush(0);

    expect(Math.max(...host.messages.map(({ bytes }) => bytes))).toBeLessThanOrEqual(20_000);
  });

  it('batchedFrameBytesMax: sends a larger frame alone, behind what came before it', () => {
    const { host, router } = newRouter({ batchedFrameBytesMax: 500 });
    const sizes = [100, 100, 1_000, 100];

    for (const bytes of sizes) router.emit(to(farId), sized(bytes), 0);
    router.flush(0);

    expect(host.messages.map(({ frames }) => frames)).toEqual([2, 1, 1]);
    const lengths = host.published.map(({ frame }) => frame.body.bytes.length - 4);
    expect(lengths).toEqual(sizes);
  });

  it('turnMessagesMax: refuses to hold back one more, far as near', () => {
    const { router } = newRouter({ turnMessagesMax: 2 });
    router.emit(to('far'), call(), 0);
    router.emit(to('here'), call(), 0);

    for (const id of ['far', 'here', farId]) {
      expect(() => router.emit(to(id), call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    }
  });

  it('is without a request that was cancelled in the same turn', () => {
    const { host, router } = newRouter();
    const settled = new Settled();
    const request = router.request(to('far'), call(settled), 0);
    router.emit(to('far'), call(), 0);

    router.cancel(request);

    expect(settled.summary).toEqual(['cancelled/no']);
    expect(host.take()).toMatchObject([{ frame: { kind: 'event' }, token: 0 }]);
    expect(router.size).toBe(0);
  });

  it('says what a cancelled request would have said for those behind it', () => {
    const { host, router } = newRouter();
    const [near, far, third] = [new Settled(), new Settled(), new Settled()];
    const cancelled = router.request(to(farId), call(near), 0);
    router.request(to(farId), call(far), 0);
    const other = router.request(to('far'), call(third), 0);
    router.emit(to(farId), call(), 0);

    router.cancel(cancelled);
    router.cancel(other);
    router.flush(0);

    expect(host.published.map(({ frame }) => [frame.kind, frame.to, frame.process])).toEqual([
      ['request', farId, OWN],
      ['event', farId, OWN],
    ]);
  });

  it('is no message at all when everything in it was cancelled', () => {
    const { host, router } = newRouter();

    router.cancel(router.request(to('far'), call(), 0));
    router.flush(0);

    expect([host.messages, router.size]).toEqual([[], 0]);
  });

  it('has not left when the link is lost before the turn ends', () => {
    const { host, router } = newRouter();
    const settled = new Settled();
    router.request(to('far'), call(settled), 0);

    router.lost(1);
    router.opened(2);
    router.ready(2);

    expect(settled.summary).toEqual(['closed/no']);
    expect(host.take()).toEqual([]);
  });

  it('leaves all the same when a link that is not used is lost', () => {
    const { host, router } = newRouter();
    router.opened(2);
    router.ready(2);
    router.emit(to('far'), call(), 0);

    router.lost(2);

    expect(host.take()).toMatchObject([{ epoch: 1 }]);
  });

  it('is nothing of what is said while there is no link, not by the next one either', () => {
    const { host, router, request } = newRouter();
    request(1);
    router.lost(1);

    router.claim(['here'], 0);
    request(2);
    nth(host.served, 1).request.answer({ ok: true, body: Body.of(1) });
    router.opened(2);
    router.ready(2);

    expect(host.take()).toEqual([]);
  });

  it('ends when sending a part of it ends the link', () => {
    const { host, router } = newRouter();
    const settled = new Settled();
    for (const id of ['far', farId, thirdId]) router.request(to(id), call(settled), 0);
    const { publish } = host;
    host.publish = (...args) => {
      publish.apply(host, args);
      router.lost(1);
    };

    router.flush(0);

    expect(host.published).toMatchObject([{ frame: { to: 'far' } }]);
    expect(settled.summary).toEqual(['closed/unknown', 'closed/no', 'closed/no']);
    expect(router.size).toBe(0);
  });

  it('does not go on by another link then', () => {
    const { host, router } = newRouter();
    router.opened(2);
    router.ready(2);
    for (const id of ['far', farId, thirdId]) router.emit(to(id), call(), 0);
    const { publish } = host;
    host.publish = (...args) => {
      publish.apply(host, args);
      router.lost(1);
    };

    router.flush(0);

    expect(host.published).toMatchObject([{ epoch: 1, frame: { to: 'far' } }]);
    expect(router.size).toBe(0);
  });
});

describe('the verdict on a message', () => {
  it('is that of all its requests that still wait', () => {
    const { host, router, respond } = newRouter();
    const settled = ['a', 'b', 'c', 'd'].map(() => new Settled());
    const requests = settled.map((settler) => router.request(to('far'), call(settler), 0));
    const token = nth(host.take(), 0).token;
    router.cancel(nth(requests, 1));
    respond(nth(requests, 2).id);
    host.take();

    router.undeliverable(token, 0);

    expect(settled.map(({ summary }) => summary[0])).toEqual([
      ...['unreachable/no', 'cancelled/unknown', 'answer', 'unreachable/no'],
    ]);
    expect(router.size).toBe(0);
  });

  it('is of no interest any more when its requests are settled, however they were', () => {
    const { host, router, respond, wheel } = newRouter();
    const requests = [1_000, 1_000, 64].map((deadlineMs) => {
      return router.request(to('far'), call(new Settled(), deadlineMs), 0);
    });
    host.take();
    expect(router.size).toBe(4);

    router.cancel(nth(requests, 0));
    respond(nth(requests, 1).id);
    wheel.advance(64);
    host.take();

    expect(router.size).toBe(0);
  });

  it('still counts for the others when one of its requests goes another way and ends', () => {
    const { host, router, receive, respond } = newRouter();
    const { id } = router.request(to('far'), call(), 0);
    host.take();
    respond(id);
    host.take();
    const settled = new Settled();
    const moved = router.request(to('far'), call(), 0);
    router.request(to(farId), call(settled), 0);
    const { token } = nth(host.take(), 0);

    receive({ kind: 'not-here', to: 'far', id: moved.id });
    router.cancel(moved);
    router.undeliverable(token, 0);

    expect(settled.summary).toEqual(['unreachable/no']);
  });

  it('is kept for the last event only, of those to one process', () => {
    const { host, router, respond } = newRouter();
    const { id } = router.request(to('far'), call(), 0);
    host.take();
    respond(id);
    host.take();
    expect(router.size).toBe(0);

    for (let i = 0; i < 10; i += 1) {
      router.emit(to(farId), call(), 0);
      router.emit(to('far'), call(), 0);
      expect(nth(host.take(), 1).token).toBe(i + 2);
    }

    expect(router.size).toBe(1);
  });

  it('watchedInboxesMax: is kept for so many processes, and given up for the first of them', () => {
    const { host, router, receive } = newRouter({ watchedInboxesMax: 2 });
    const processes = ['first', 'second', 'third'].map((name) => name.padEnd(16, 'a'));
    for (const process of processes) {
      const { id } = router.request(to(process), call(), 0);
      host.take();
      receive({ kind: 'response', target: 'process', to: '', id, node: process }, process);
      host.take();
    }

    const tokens = processes.map((process) => {
      router.emit(to(process), call(), 0);
      return nth(host.take(), 0).token;
    });
    expect(router.size).toBe(2);
    for (const token of tokens) router.undeliverable(token, 0);

    const subjects = processes.map((process) => {
      router.emit(to(process), call(), 0);
      return nth(host.take(), 0).subject;
    });
    expect(subjects).toEqual([
      `test.p.${processes[0]}`,
      `test.n.${processes[1]}`,
      `test.n.${processes[2]}`,
    ]);
  });
});
