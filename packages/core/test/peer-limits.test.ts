import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { encodeUtf8 } from '../src/codec.ts';
import type { Limits } from '../src/index.ts';
import { swarmJson } from '../src/json-dialect.ts';
import type { Call } from '../src/machine/contract.ts';
import { Peer } from '../src/machine/peer.ts';
import { nth, ok, PeerRecorder, peerConfig, Settled, thrownRefusal } from './hosts.ts';

function newPeer(limits: Partial<Limits>) {
  const host = new PeerRecorder();
  const config = peerConfig(limits);
  const peer = new Peer(host, host, swarmJson, config);
  host.onShut = () => peer.lost('shut');
  const receive = (message: object) => peer.receive(JSON.stringify(message), 0);
  return { host, peer, receive, wheel: config.wheel };
}

function openPeer(limits: Partial<Limits>) {
  const end = newPeer(limits);
  end.peer.open({}, 0);
  end.host.take();
  return end;
}

function call(settler = new Settled(), arg: unknown = null): Call {
  return { name: 'x', body: Body.of([arg]), meta: undefined, deadlineMs: 1_000, settler };
}

const event = { name: 'e', body: Body.of([]), meta: undefined };

describe('Peer at its limits', () => {
  it('openRequestsMax: refuses to open one more', () => {
    const { peer, host, receive } = openPeer({ openRequestsMax: 2 });
    peer.request(call(), 0);
    peer.request(call(), 0);

    expect(() => peer.request(call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    expect(host.take()).toHaveLength(2);

    receive({ type: 'response', correlationId: '1' });
    peer.request(call(), 0);
    expect(peer.size).toBe(2);
  });

  it('openRequestsMax: answers overloaded to one more, and does not run it', () => {
    const { host, receive } = openPeer({ openRequestsMax: 2 });
    for (const correlationId of [1, 2, 3]) receive({ type: 'request', correlationId, name: 'x' });

    expect(host.take()).toMatchObject([
      { correlationId: 3, errorSubtype: 'overloaded', delivered: 'no' },
    ]);
    expect(host.served).toHaveLength(2);

    nth(host.served, 0).request.answer(ok(Body.of(null)));
    receive({ type: 'request', correlationId: 4, name: 'x' });
    expect(host.served).toHaveLength(3);
  });

  it('earlyFramesMax: shuts a socket that sends too much before it is ready', () => {
    const { host, peer, receive } = newPeer({ earlyFramesMax: 2 });
    receive({ type: 'event', name: 'a' });
    receive({ type: 'event', name: 'b' });
    expect(host.shuts).toEqual([]);

    receive({ type: 'event', name: 'c' });

    expect(host.shuts).toEqual([{ code: 1008, final: false }]);
    expect([host.started, peer.size]).toEqual([[], 0]);
  });

  it('waitingFramesMax: refuses to keep more for an end that is not open', () => {
    const { host, peer, wheel } = newPeer({ waitingFramesMax: 2 });
    const settled = new Settled();
    peer.emit(event);
    peer.request(call(settled), 0);

    expect(() => peer.emit(event)).toThrow(thrownRefusal('overloaded', 'no'));
    expect(() => peer.request(call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    expect(wheel.size).toBe(1);

    peer.open({}, 0);
    expect(host.take()).toHaveLength(3);
    expect(settled.outcomes).toEqual([]);
  });

  it('waitingFramesMax: has room again when what waited was settled', () => {
    const { host, peer, wheel } = newPeer({ waitingFramesMax: 2 });
    const [cancelled, late] = [new Settled(), new Settled()];
    peer.cancel(peer.request(call(cancelled), 0));
    peer.request({ ...call(late), deadlineMs: 64 }, 0);
    wheel.advance(64);

    peer.emit(event);
    peer.request(call(), 64);
    peer.open({}, 64);

    expect(host.take()).toMatchObject([{ type: 'init' }, { type: 'event' }, { type: 'request' }]);
  });

  it('socketFrameBytesMax: refuses to send one byte more', () => {
    const { host, peer, wheel } = openPeer({ socketFrameBytesMax: 200 });
    peer.request(call(new Settled(), ''), 0);
    const overhead = encodeUtf8(String(host.transmitted[0])).length;
    const fitting = 'x'.repeat(200 - overhead);

    peer.request(call(new Settled(), fitting), 0);
    expect(() => peer.request(call(new Settled(), `${fitting}x`), 0)).toThrow(
      thrownRefusal('too_large', 'no'),
    );
    expect(() => peer.emit({ ...event, body: Body.of(['x'.repeat(200)]) })).toThrow(
      thrownRefusal('too_large', 'no'),
    );

    expect(host.take()).toHaveLength(2);
    expect([peer.size, wheel.size]).toEqual([2, 2]);
  });

  it('socketFrameBytesMax: refuses before the conversation is open, too', () => {
    const { peer } = newPeer({ socketFrameBytesMax: 100 });

    expect(() => peer.emit({ ...event, body: Body.of(['x'.repeat(100)]) })).toThrow(
      thrownRefusal('too_large', 'no'),
    );
    expect(peer.size).toBe(0);
  });

  it('socketFrameBytesMax: shuts a socket that sends one byte more, text or bytes', () => {
    const pad = (length: number) => `{"type":"event","name":"e"}`.padEnd(length, ' ');
    for (const encode of [(text: string) => text, encodeUtf8]) {
      const { host, peer } = openPeer({ socketFrameBytesMax: 100 });

      peer.receive(encode(pad(100)), 0);
      expect([host.started, host.shuts]).toEqual([['e'], []]);

      peer.receive(encode(pad(101)), 0);
      expect(host.started).toEqual(['e']);
      expect(host.shuts).toEqual([{ code: 1009, final: false }]);
    }
  });

  it('socketBufferBytesMax: refuses to add to a socket that is behind', () => {
    const { host, peer, receive } = openPeer({ socketBufferBytesMax: 100 });
    host.bufferedBytes = 100;
    peer.emit(event);

    host.bufferedBytes = 101;
    expect(() => peer.emit(event)).toThrow(thrownRefusal('overloaded', 'no'));
    expect(() => peer.request(call(), 0)).toThrow(thrownRefusal('overloaded', 'no'));
    expect(host.take()).toHaveLength(1);

    // Answers go out all the same: they are what the other end waits for.
    receive({ type: 'request', correlationId: 1, name: 'x' });
    nth(host.served, 0).request.answer(ok(Body.of(1)));
    expect(host.take()).toEqual([{ type: 'response', correlationId: 1, result: 1 }]);
  });

  it('socketBacklogBytesMax: shuts a socket that does not read', () => {
    const { host, peer, receive } = openPeer({ socketBacklogBytesMax: 100 });
    host.bufferedBytes = 100;
    receive({ type: 'ping', correlationId: 1 });
    expect(host.shuts).toEqual([]);

    host.bufferedBytes = 101;
    receive({ type: 'ping', correlationId: 2 });

    expect(host.shuts).toEqual([{ code: 1013, final: false }]);
    expect(peer.isOpen).toBe(false);
  });

  it('malformedFramesMax: shuts a socket that sends messages without meaning in a row', () => {
    const { host, peer, receive } = openPeer({ malformedFramesMax: 2 });
    peer.receive('nonsense', 0);
    receive({ type: 'event', name: 'meaning' });
    peer.receive('nonsense', 0);
    receive({ type: 'unknown' });
    receive({ type: 'x-unknown' });
    expect(host.shuts).toEqual([]);

    peer.receive(new Uint8Array([0xff]), 0);

    expect(host.shuts).toEqual([{ code: 1008, final: false }]);
  });

  it('malformedFramesMax: counts anew on the next socket', () => {
    const { host, peer } = newPeer({ malformedFramesMax: 2 });
    peer.receive('nonsense', 0);

    peer.retry();
    peer.receive('nonsense', 0);
    expect(host.shuts).toEqual([]);

    peer.receive('nonsense', 0);
    expect(host.shuts).toEqual([{ code: 1008, final: false }]);
  });
});
