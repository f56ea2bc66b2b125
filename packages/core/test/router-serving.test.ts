import { describe, expect, it } from 'vitest';
import { nodeId } from '../src/address.ts';
import { Body } from '../src/body.ts';
import { protocolError } from '../src/errors.ts';
import { encodeSwarmFrame, frameTo } from '../src/swarm-frame.ts';
import { nth, OTHER, OWN, ok, Settled } from './hosts.ts';
import { call, INBOX, newRouter, THIRD, to } from './router-end.ts';

const unreachable = { errorSubtype: 'unreachable', delivered: 'no' };

describe('Router serving another process', () => {
  it('answers to the inbox of the process that asked, once', () => {
    const { host, router, receive, wheel } = newRouter();
    receive({ kind: 'request', id: 9, ttlMs: 300, node: 'asker', name: 'load' });
    const { node, frame, request } = nth(host.served, 0);
    expect([node, frame.node, request.deadlineMs]).toEqual(['node', 'asker', 300]);

    request.answer(ok(Body.of('done')));
    request.answer(ok(Body.of('again')));

    expect(host.take()).toMatchObject([
      {
        subject: `test.p.${OTHER}`,
        token: 0,
        frame: { kind: 'response', target: 'process', process: OWN, node: 'here', id: 9 },
      },
    ]);
    expect([router.size, wheel.size]).toEqual([0, 0]);
  });

  it('is unreachable for a node that is not here', () => {
    const { host, receive } = newRouter();
    const gone = nodeId(OWN, new Uint8Array(16));

    receive({ kind: 'request', id: 1, to: gone, ttlMs: 1_000, name: 'x' });

    expect(host.take()).toMatchObject([
      { frame: { kind: 'error', id: 1, node: gone, body: { value: unreachable } } },
    ]);
  });

  it('says so for a chosen id, which may be elsewhere by now', () => {
    const { host, receive } = newRouter();

    receive({ kind: 'request', id: 1, to: 'gone', ttlMs: 1_000, name: 'x' });

    expect(host.take()).toMatchObject([
      { subject: `test.p.${OTHER}`, frame: { kind: 'not-here', id: 1, to: 'gone' } },
    ]);
  });

  it('says no more of what came by name: others heard it too', () => {
    const { host, router } = newRouter();
    const frame = { ...frameTo('request', OTHER, 'gone'), id: 1, ttlMs: 1_000, name: 'x' };

    router.receive('test.n.gone', encodeSwarmFrame(frame), 0);

    expect(host.take()).toMatchObject([{ frame: { kind: 'not-here', id: 1 } }]);
  });

  it('does not say that nothing has run, once the id is lost to one who heard the name, too', () => {
    const error = protocolError('closed', 'no', 'replaced');
    const answers = ['test.n.here', INBOX].map((subject) => {
      const { host, router } = newRouter();
      const frame = { ...frameTo('request', OTHER, 'here'), id: 1, ttlMs: 1_000, name: 'x' };
      router.receive(subject, encodeSwarmFrame(frame), 0);
      router.remove('here', 'node', 'replaced');
      nth(host.served, 0).request.answer({ ok: false, error });
      return nth(host.take(), 0).frame.body.value;
    });

    expect(answers).toMatchObject([
      { errorSubtype: 'closed', delivered: 'unknown' },
      { errorSubtype: 'closed', delivered: 'no' },
    ]);
  });

  it('does not say so either when another node of its own has the id by then', () => {
    const { host, router } = newRouter();
    const frame = { ...frameTo('request', OTHER, 'here'), id: 1, ttlMs: 1_000, name: 'x' };
    router.receive('test.n.here', encodeSwarmFrame(frame), 0);
    router.remove('here', 'node', 'replaced');
    router.add('here', 'another node');

    nth(host.served, 0).request.answer({
      ok: false,
      error: protocolError('closed', 'no', 'replaced'),
    });

    expect(nth(host.take(), 0).frame.body.value).toMatchObject({ delivered: 'unknown' });
  });

  it('runs a request that is delivered twice once', () => {
    const { host, request } = newRouter();

    request(1);
    request(1);
    request(1, THIRD);

    expect(host.served).toHaveLength(2);
    expect(host.take()).toEqual([]);
  });

  it('never calls a request not delivered whose handlers run: not when it comes twice', () => {
    const full = newRouter({ routedRequestsMax: 1 });
    full.request(1);
    full.request(1);

    const left = newRouter();
    left.request(1);
    left.router.remove('here', 'node', 'gone');
    left.request(1);

    for (const { host } of [full, left]) {
      expect(host.served).toHaveLength(1);
      expect(host.take()).toEqual([]);
    }
  });

  it('answers timeout for handlers that took too long, and aborts them', () => {
    const { host, router, receive, wheel } = newRouter();
    receive({ kind: 'request', id: 1, ttlMs: 128, name: 'x' });
    const { request } = nth(host.served, 0);

    wheel.advance(127);
    expect(host.take()).toEqual([]);
    wheel.advance(128);
    request.answer(ok(Body.of('late')));

    expect(host.take()).toMatchObject([
      { frame: { kind: 'error', body: { value: { errorSubtype: 'timeout' } } } },
    ]);
    expect(request.aborted).toMatchObject({ subtype: 'timeout' });
    expect(router.size).toBe(0);
  });

  it('aborts a request that its process has cancelled, and answers it no more', () => {
    const { host, router, request, receive } = newRouter();
    request(1);
    const served = nth(host.served, 0).request;

    receive({ kind: 'cancel', id: 1 }, THIRD);
    receive({ kind: 'cancel', id: 2 });
    expect(served.aborted).toBeNull();
    receive({ kind: 'cancel', id: 1 });
    served.answer(ok(Body.of('late')));

    expect(served.aborted).toMatchObject({ subtype: 'cancelled' });
    expect([host.take(), router.size]).toEqual([[], 0]);
  });

  it('tells all who wait that it closes, and its handlers', () => {
    const { host, router, request, wheel } = newRouter();
    request(1);
    request(1, THIRD);
    const settled = new Settled();
    router.request(to('here'), call(settled), 0);
    router.flush(0);

    router.close();

    const value = { errorSubtype: 'closed', delivered: 'unknown' };
    expect(host.published.map(({ subject }) => subject)).toEqual([
      `test.p.${OTHER}`,
      `test.p.${THIRD}`,
    ]);
    expect(host.published.map(({ frame }) => frame.body.value)).toMatchObject([value, value]);
    expect(host.served.map(({ request: { aborted } }) => aborted?.subtype)).toEqual([
      ...['closed', 'closed', 'closed'],
    ]);
    expect(settled.summary).toEqual(['closed/unknown']);
    expect([router.size, wheel.size]).toEqual([0, 0]);
  });

  it('runs an event of a node that is here, and drops one of a generated id that is not', () => {
    const { host, receive } = newRouter();

    receive({ kind: 'event', name: 'moved' });
    receive({ kind: 'event', name: 'moved', to: nodeId(OWN, new Uint8Array(16)) });

    expect(host.noticed).toMatchObject([{ node: 'node', frame: { name: 'moved' } }]);
    expect(host.take()).toEqual([]);
  });

  it('passes an event that comes too late on by name, once, and tells its sender', () => {
    const { host, router, receive } = newRouter();
    const frame = { ...frameTo('event', OTHER, 'gone'), name: 'moved' };

    receive(frame);
    expect(host.take()).toMatchObject([
      { subject: 'test.n.gone', frame: { kind: 'event', process: OTHER, name: 'moved' } },
      { subject: `test.p.${OTHER}`, frame: { kind: 'not-here', to: 'gone', id: 0 } },
    ]);

    router.receive('test.n.gone', encodeSwarmFrame(frame), 0);
    expect([host.take(), host.noticed]).toEqual([[], []]);
  });

  // The second, third and fourth byte name kind, target and via.
  it.each([1, 2, 3])('answers incompatible to a request whose byte %i nobody knows', (place) => {
    const { host, router } = newRouter();
    const asking = { ...frameTo('request', OTHER, 'here'), id: 7, ttlMs: 100, name: 'load' };
    const newer = encodeSwarmFrame(asking);
    newer[place] = 99;

    router.receive(INBOX, newer, 0);

    expect(host.served).toEqual([]);
    expect(host.take()).toMatchObject([
      {
        subject: `test.p.${OTHER}`,
        frame: {
          kind: 'error',
          node: 'here',
          id: 7,
          body: { value: { errorSubtype: 'incompatible' } },
        },
      },
    ]);
  });

  it('drops what nobody knows and no exchange names', () => {
    const { host, router } = newRouter();
    const newer = encodeSwarmFrame({ ...frameTo('event', OTHER, 'here'), name: 'moved' });
    newer[1] = 99;

    for (let end = 0; end <= newer.length; end += 1)
      router.receive(INBOX, newer.subarray(0, end), 0);

    expect([host.take(), host.noticed]).toEqual([[], []]);
  });

  it('answers incompatible to targets and kinds that are reserved', () => {
    const { host, request, receive } = newRouter();
    for (const target of ['group', 'topic'] as const) {
      receive({ kind: 'request', target, id: 1, ttlMs: 1_000, name: 'x' });
    }
    for (const kind of ['item', 'credit', 'end'] as const) receive({ kind, id: 1 });
    const refused = host.take();
    request(2);

    expect(refused).toHaveLength(5);
    for (const { frame } of refused) {
      expect(frame.body.value).toMatchObject({ errorSubtype: 'incompatible', delivered: 'no' });
    }
    expect(host.served).toHaveLength(1);
  });

  it('does not take an event of a group or topic for one of the node of that name', () => {
    const { host, receive } = newRouter();

    for (const target of ['group', 'topic'] as const) {
      receive({ kind: 'event', target, name: 'moved' });
    }

    expect(host.noticed).toEqual([]);
  });

  it('drops what is no frame: there is nobody to tell', () => {
    const { host, router } = newRouter();

    router.receive(INBOX, new Uint8Array(), 0);
    router.receive(INBOX, new Uint8Array([99, 1, 2, 3]), 0);

    expect([host.take(), host.started, router.size]).toEqual([[], [], 0]);
  });
});
