import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { nth, ok, Settled, thrownRefusal } from './hosts.ts';
import { call, newPeer, notice, openPeer } from './peer-end.ts';

describe('Peer when its socket is lost', () => {
  it('settles what was in flight as unknown, and what had not left as not delivered', () => {
    const [flying, waiting] = [new Settled(), new Settled()];
    const open = openPeer();
    const early = newPeer();
    open.peer.request(call(flying), 0);
    early.peer.request(call(waiting), 0);

    for (const { peer } of [open, early]) peer.lost('gone');

    expect(flying.summary).toEqual(['closed/unknown']);
    expect(waiting.summary).toEqual(['closed/no']);
    for (const { peer, wheel } of [open, early]) expect([peer.size, wheel.size]).toEqual([0, 0]);
  });

  it('says nothing more of what waited once the socket is lost within the opening', () => {
    const { host, peer } = newPeer();
    const waiting = new Settled();
    peer.emit(notice('first'));
    peer.emit(notice('second'));
    peer.request(call(waiting), 0);
    host.onTransmit = () => {
      if (host.transmitted.length === 2) peer.lost('gone');
    };

    peer.open({}, 0);

    expect(host.take()).toMatchObject([{ type: 'init' }, { name: 'first' }]);
    expect(waiting.summary).toEqual(['closed/no']);
    expect(peer.size).toBe(0);
  });

  it('counts a request as sent although the socket is lost within the sending', () => {
    const { host, peer } = openPeer();
    const settled = new Settled();
    host.onTransmit = () => peer.lost('gone');

    peer.request(call(settled), 0);

    expect(settled.summary).toEqual(['closed/unknown']);
  });

  it('aborts what was being served, and answers nothing more', () => {
    const { host, peer, receive, wheel } = openPeer();
    receive({ type: 'request', correlationId: 1, name: 'slow' });
    const { request } = nth(host.served, 0);

    peer.lost('gone');
    peer.lost('again');
    request.answer(ok(Body.of('late')));

    expect(request.aborted).toMatchObject({ subtype: 'closed' });
    expect(host.take()).toEqual([]);
    expect([peer.size, wheel.size]).toEqual([0, 0]);
  });

  it('refuses to send, and hears nothing more', () => {
    const { host, peer, receive } = openPeer();
    peer.lost('gone');

    expect(() => peer.request(call(), 0)).toThrow(thrownRefusal('closed', 'no'));
    expect(() => peer.emit(notice('x'))).toThrow(thrownRefusal('closed', 'no'));
    receive({ type: 'request', correlationId: 1, name: 'x' });
    receive({ type: 'ping', correlationId: 1 });
    peer.bye(1000, 'done');
    peer.open({}, 0);

    expect([host.started, host.take(), peer.isOpen]).toEqual([[], [], false]);
  });

  it('drops what came early', () => {
    const { host, peer, receive } = newPeer();
    receive({ type: 'event', name: 'early' });

    peer.lost('gone');
    peer.open({}, 0);

    expect([host.started, peer.size]).toEqual([[], 0]);
  });

  it('starts no handler of early frames once one of them has ended the conversation', () => {
    const { host, peer, receive } = newPeer();
    receive({ type: 'request', correlationId: 1, name: 'first' });
    receive({ type: 'event', name: 'second' });
    host.serve = () => peer.lost('gone');

    peer.open({}, 0);

    expect(host.started).toEqual([]);
  });
});
