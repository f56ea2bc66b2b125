import { describe, expect, it } from 'vitest';
import { Settled } from './hosts.ts';
import { call, newPeer, notice, openPeer } from './peer-end.ts';

describe('Peer before it is open', () => {
  it('opens with init, then what was waiting, in order', () => {
    const { host, peer } = newPeer();
    peer.emit(notice('first'));
    peer.request(call(), 0);
    peer.emit(notice('third'));
    expect(host.transmitted).toEqual([]);

    peer.open({}, 0);

    expect(host.take()).toMatchObject([
      { type: 'init' },
      { type: 'event', name: 'first' },
      { type: 'request', name: 'add', args: [1, 2] },
      { type: 'event', name: 'third' },
    ]);
    expect(peer.isOpen).toBe(true);
  });

  it('is opened by the init of the other end where it waits for that, once', () => {
    const { host, peer, receive } = newPeer('waits');
    peer.emit(notice('waits'));

    receive({ type: 'init' });
    receive({ type: 'init' });

    expect(host.take()).toMatchObject([{ type: 'event', name: 'waits' }]);
    expect([host.openings, peer.isOpen]).toEqual([1, true]);
  });

  it('is not opened by the other end where it is to open itself', () => {
    const { host, peer, receive } = newPeer('opens');
    receive({ type: 'init' });
    receive({ type: 'event', name: 'early' });
    expect([host.openings, host.started, peer.isOpen]).toEqual([0, [], false]);

    peer.open({}, 0);

    expect(host.take()).toEqual([{ type: 'init' }]);
    expect(host.started).toEqual(['early']);
  });

  it('says init once', () => {
    const { host, peer } = newPeer();

    peer.open({}, 0);
    peer.open({}, 0);

    expect(host.take()).toEqual([{ type: 'init' }]);
  });

  it('keeps what comes too early until it is open, in order', () => {
    const { host, peer, receive } = newPeer();
    receive({ type: 'request', correlationId: 'a', name: 'first' });
    receive({ type: 'event', name: 'second' });
    receive({ type: 'request', correlationId: 'b', name: 'third' });
    receive({ type: 'cancel', correlationId: 'a' });
    expect(host.started).toEqual([]);

    peer.open({}, 0);

    expect(host.started).toEqual(['first', 'second', 'third']);
    expect(host.served.map(({ request }) => request.aborted?.subtype)).toEqual([
      'cancelled',
      undefined,
    ]);
  });

  it('answers a ping at once: that needs no node', () => {
    const { host, receive } = newPeer();

    receive({ type: 'ping', correlationId: 7 });

    expect(host.take()).toEqual([{ type: 'pong', correlationId: 7 }]);
  });

  it('sends a waiting request with the time it has left', () => {
    const { host, peer } = newPeer();
    peer.request(call(new Settled(), 1_000), 0);

    peer.open({}, 400);

    expect(host.take()).toMatchObject([{ type: 'init' }, { ttlMs: 600 }]);
  });

  it('does not send a request that was settled while it waited', () => {
    const { host, peer, wheel } = newPeer();
    const [cancelled, late] = [new Settled(), new Settled()];
    peer.cancel(peer.request(call(cancelled), 0));
    peer.request(call(late, 64), 0);
    wheel.advance(64);

    peer.open({}, 100);

    expect(host.take()).toEqual([{ type: 'init' }]);
    expect(cancelled.summary).toEqual(['cancelled/no']);
    expect(late.summary).toEqual(['timeout/no']);
  });

  it('keeps what waits for the next socket, but not what the last one said', () => {
    const { host, peer, receive } = newPeer('waits');
    peer.emit(notice('waits'));
    receive({ type: 'event', name: 'early' });

    peer.retry();
    receive({ type: 'init' });

    expect(host.take()).toMatchObject([{ name: 'waits' }]);
    expect(host.started).toEqual([]);
  });
});

describe('Peer asking', () => {
  it('settles with the result of the answer, and ignores a second one', () => {
    const { peer, receive, host, wheel } = openPeer();
    const settled = new Settled();

    peer.request(call(settled), 0);
    expect(host.take()).toMatchObject([
      { type: 'request', correlationId: '1', name: 'add', args: [1, 2], ttlMs: 1_000 },
    ]);
    receive({ type: 'response', correlationId: '1', result: 3 });
    receive({ type: 'response', correlationId: '1', result: 4 });

    expect(settled.summary).toEqual([3]);
    expect([peer.size, wheel.size]).toEqual([0, 0]);
  });

  it('settles with the error of the answer', () => {
    const { peer, receive } = openPeer();
    const settled = new Settled();
    peer.request(call(settled), 0);

    receive({ type: 'error', correlationId: 2, errorType: 'endpoint', message: 'not this one' });
    receive({ type: 'error', correlationId: null, errorType: 'endpoint', message: 'nobody' });
    receive({ type: 'error', correlationId: '1', errorType: 'endpoint', message: 'no', data: 5 });

    expect(settled.outcomes).toMatchObject([
      { ok: false, error: { type: 'endpoint', message: 'no', data: 5, delivered: 'yes' } },
    ]);
  });

  it('times out at the deadline, not one millisecond before', () => {
    const { peer, wheel, receive } = openPeer();
    const settled = new Settled();
    peer.request(call(settled, 128), 0);

    wheel.advance(127);
    expect(settled.outcomes).toEqual([]);

    wheel.advance(128);
    receive({ type: 'response', correlationId: '1', result: 'late' });
    expect(settled.summary).toEqual(['timeout/unknown']);
  });

  it('lets the other end know that it gave up', () => {
    const { host, peer, receive } = openPeer();
    const settled = new Settled();
    const request = peer.request(call(settled), 0);
    host.take();

    peer.cancel(request);
    peer.cancel(request);
    receive({ type: 'response', correlationId: '1', result: 'late' });

    expect(host.take()).toEqual([{ type: 'cancel', correlationId: '1' }]);
    expect(settled.summary).toEqual(['cancelled/unknown']);
  });

  it('never asks for less than no time', () => {
    const { host, peer } = openPeer();

    peer.request(call(new Settled(), 1_000), 1_005);

    expect(host.take()).toMatchObject([{ type: 'request', ttlMs: 0 }]);
  });

  it('introduces itself while it is open only', () => {
    const { host, peer } = newPeer();
    peer.introduce({ node: 'early' });
    peer.open({}, 0);
    peer.introduce({ node: 'me' });
    peer.lost('gone');
    peer.introduce({ node: 'late' });

    expect(host.take()).toEqual([{ type: 'init' }, { type: 'init', node: 'me' }]);
  });

  it('pings while it is open only', () => {
    const { host, peer } = newPeer();
    peer.ping(1);
    peer.open({}, 0);
    peer.ping(2);
    peer.lost('gone');
    peer.ping(3);

    expect(host.take()).toEqual([{ type: 'init' }, { type: 'ping', correlationId: '2' }]);
  });
});
