import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { protocolError, SwarmError } from '../src/errors.ts';
import type { Dialect } from '../src/frame.ts';
import { swarmJson } from '../src/json-dialect.ts';
import { Peer } from '../src/machine/peer.ts';
import { nth, ok, PeerRecorder, peerConfig } from './hosts.ts';

function openPeer(dialect: Dialect = swarmJson) {
  const host = new PeerRecorder();
  const config = peerConfig({ socketFrameBytesMax: 1_000 });
  const peer = new Peer(host, host, dialect, config);
  const receive = (message: object, nowMs = 0) => peer.receive(JSON.stringify(message), nowMs);
  peer.open({}, 0);
  host.take();
  return { host, peer, receive, wheel: config.wheel };
}

describe('Peer serving', () => {
  it('answers with the id as it came, once', () => {
    const { host, peer, receive, wheel } = openPeer();
    receive({ type: 'request', correlationId: 'a', name: 'add', args: [1], meta: { t: 'x' } });
    const { frame, request } = nth(host.served, 0);
    expect(frame).toMatchObject({ name: 'add', meta: { t: 'x' }, body: { value: [1] } });

    request.answer(ok(Body.of(2)));
    request.answer(ok(Body.of(3)));

    expect(host.take()).toEqual([{ type: 'response', correlationId: 'a', result: 2 }]);
    expect([peer.size, wheel.size]).toEqual([0, 0]);
  });

  it('answers with an error', () => {
    const { host, receive } = openPeer();
    receive({ type: 'request', correlationId: 5, name: 'x' });

    nth(host.served, 0).request.answer({ ok: false, error: new SwarmError('no', { data: 1 }) });

    expect(host.take()).toMatchObject([
      { type: 'error', correlationId: 5, errorType: 'endpoint', message: 'no', data: 1 },
    ]);
  });

  it('has the time the request brings, or else its own', () => {
    const { host, receive } = openPeer();

    receive({ type: 'request', correlationId: 1, name: 'x', ttlMs: 300 }, 50);
    receive({ type: 'request', correlationId: 2, name: 'x' }, 50);
    receive({ type: 'request', correlationId: 3, name: 'x', ttlMs: 0 }, 50);

    expect(host.served.map(({ request }) => request.deadlineMs)).toEqual([350, 10_050, 50]);
  });

  it('answers timeout for handlers that took too long, and aborts them', () => {
    const { host, peer, receive, wheel } = openPeer();
    receive({ type: 'request', correlationId: 1, name: 'x', ttlMs: 128 });
    const { request } = nth(host.served, 0);

    wheel.advance(127);
    expect([host.take(), request.aborted]).toEqual([[], null]);

    wheel.advance(128);
    request.answer(ok(Body.of('late')));
    expect(host.take()).toMatchObject([
      { type: 'error', correlationId: 1, errorSubtype: 'timeout', delivered: 'unknown' },
    ]);
    expect(request.aborted).toMatchObject({ subtype: 'timeout' });
    expect(peer.size).toBe(0);
  });

  it('aborts a cancelled request, and answers it no more', () => {
    const { host, peer, receive, wheel } = openPeer();
    receive({ type: 'request', correlationId: 1, name: 'x' });
    const { request } = nth(host.served, 0);

    receive({ type: 'cancel', correlationId: 'unknown' });
    expect(request.aborted).toBeNull();
    receive({ type: 'cancel', correlationId: 1 });
    request.answer(ok(Body.of('late')));

    expect(request.aborted).toMatchObject({ subtype: 'cancelled' });
    expect(host.take()).toEqual([]);
    expect([peer.size, wheel.size]).toEqual([0, 0]);
  });

  it('refuses a correlation id while it is still open, and only then', () => {
    const { host, receive } = openPeer();
    receive({ type: 'request', correlationId: 1, name: 'first' });
    receive({ type: 'request', correlationId: 1, name: 'second' });
    expect(host.take()).toMatchObject([
      { correlationId: 1, errorSubtype: 'invalid', delivered: 'no' },
    ]);

    nth(host.served, 0).request.answer(ok(Body.of('one')));
    receive({ type: 'request', correlationId: 1, name: 'third' });

    expect(host.take()).toEqual([{ type: 'response', correlationId: 1, result: 'one' }]);
    expect(host.started).toEqual(['first', 'third']);
  });

  it('answers too_large, having run the handlers, for a result over the limit', () => {
    const { host, receive } = openPeer();
    receive({ type: 'request', correlationId: 1, name: 'x' });

    nth(host.served, 0).request.answer(ok(Body.of('x'.repeat(1_000))));

    expect(host.take()).toMatchObject([
      { correlationId: 1, errorSubtype: 'too_large', delivered: 'yes' },
    ]);
  });

  it('answers internal for an error whose data cannot be encoded', () => {
    const { host, receive } = openPeer();
    receive({ type: 'request', correlationId: 1, name: 'x' });

    const error = new SwarmError('no', { data: 1n });
    nth(host.served, 0).request.answer({ ok: false, error });

    expect(host.take()).toMatchObject([
      { correlationId: 1, errorSubtype: 'internal', delivered: 'yes' },
    ]);
  });

  it('answers incompatible for a result in bytes that its socket cannot say', () => {
    const { host, receive } = openPeer();
    receive({ type: 'request', correlationId: 1, name: 'x' });

    nth(host.served, 0).request.answer(ok(Body.received(new Uint8Array([1]), 77)));

    expect(host.take()).toMatchObject([
      { correlationId: 1, errorSubtype: 'incompatible', delivered: 'yes' },
    ]);
  });

  it('starts handlers in the order of arrival', () => {
    const { host, receive } = openPeer();

    receive({ type: 'event', name: 'a' });
    receive({ type: 'request', correlationId: 1, name: 'b' });
    receive({ type: 'event', name: 'c' });

    expect(host.started).toEqual(['a', 'b', 'c']);
  });

  it('handles all frames of one message, in order', () => {
    const frames = ['a', 'b'].map((name) => {
      return { kind: 'event', name, body: Body.of([]), meta: undefined } as const;
    });
    const { host, peer } = openPeer({ ...swarmJson, receive: () => frames });

    peer.receive('two in one', 0);

    expect(host.started).toEqual(['a', 'b']);
  });
});

describe('Peer hearing about the conversation itself', () => {
  it('answers a ping and hears a pong', () => {
    const { host, receive } = openPeer();

    receive({ type: 'ping', correlationId: 'p' });
    receive({ type: 'pong', correlationId: 'p' });
    receive({ type: 'pong', correlationId: 'p' });

    expect(host.take()).toEqual([{ type: 'pong', correlationId: 'p' }]);
  });

  it('shuts the socket for good when the other end says goodbye, with the code it says', () => {
    const { host, receive } = openPeer();

    receive({ type: 'close' });
    receive({ type: 'close', code: 4409, reason: 'replaced' });

    expect(host.shuts).toEqual([
      { code: 1000, final: true },
      { code: 4409, final: true },
    ]);
  });

  it('says goodbye itself', () => {
    const { host, peer } = openPeer();

    peer.bye(4409, 'replaced');

    expect(host.take()).toEqual([{ type: 'close', code: 4409, reason: 'replaced' }]);
  });

  it('answers what has no meaning to the exchange to blame, and goes on', () => {
    const { host, peer, receive } = openPeer();

    peer.receive('nonsense', 0);
    receive({ type: 'request', correlationId: 1 });
    receive({ type: 'event', name: 'goes on' });

    expect(host.take()).toMatchObject([
      { type: 'error', correlationId: null, errorSubtype: 'invalid', delivered: 'no' },
      { type: 'error', correlationId: 1, errorSubtype: 'invalid', delivered: 'no' },
    ]);
    expect([host.started, host.shuts]).toEqual([['goes on'], []]);
  });

  it('answers incompatible for a type it does not know, as often as it comes', () => {
    const { host, receive } = openPeer();

    for (let i = 0; i < 10; i += 1) receive({ type: 'dance', correlationId: i });

    const answers = host.take();
    expect(answers).toHaveLength(10);
    expect(answers[9]).toMatchObject({ correlationId: 9, errorSubtype: 'incompatible' });
    expect(host.shuts).toEqual([]);
  });

  it('passes on what a dialect finds at fault', () => {
    const error = protocolError('incompatible', 'no', 'not here');
    const { host, peer } = openPeer({
      ...swarmJson,
      receive: () => [{ kind: 'malformed', id: 'q', error }],
    });

    peer.receive('', 0);

    expect(host.take()).toMatchObject([{ correlationId: 'q', errorSubtype: 'incompatible' }]);
  });
});
