import { describe, expect, it } from 'vitest';
import { dial, failure, gate, type Started, start } from './fixture.ts';
import { jsonFrame, RawClient, upgradeRequest } from './raw.ts';

const PING = { type: 'ping', correlationId: 'p' };
const PONG = { type: 'pong', correlationId: 'p' };

async function startEcho(limits: Parameters<typeof start>[1] = {}): Promise<Started> {
  const started = await start({}, limits);
  started.server.client.on('echo', (_ctx, value) => value);
  return started;
}

function request(correlationId: string, name: string, ...args: unknown[]): object {
  return { type: 'request', correlationId, name, args };
}

describe('exchanges', () => {
  it('a correlation id that is still open is refused as `invalid`; the first is answered', async () => {
    const { server, listener } = await startEcho();
    const held = gate<string>();
    server.client.on('hold', () => held.promise);
    const raw = await RawClient.open(listener.port);

    raw.send(request('same', 'hold'));
    raw.send(request('same', 'echo', 2));
    const refused = { correlationId: 'same', errorSubtype: 'invalid', delivered: 'no' };
    expect(await raw.json()).toMatchObject(refused);

    held.open('first');
    expect(await raw.json()).toEqual({ type: 'response', correlationId: 'same', result: 'first' });
    raw.send(request('same', 'echo', 3));
    expect(await raw.json()).toEqual({ type: 'response', correlationId: 'same', result: 3 });
  });

  it('more than openRequestsMax are refused as `overloaded`, and none of them runs', async () => {
    const { server, listener } = await startEcho({ limits: { openRequestsMax: 2 } });
    const held = gate();
    let ran = 0;
    server.client.on('hold', async () => {
      ran += 1;
      await held.promise;
    });
    const raw = await RawClient.open(listener.port);

    for (const id of ['1', '2', '3']) raw.send(request(id, 'hold'));

    const refused = { correlationId: '3', errorSubtype: 'overloaded', delivered: 'no' };
    expect(await raw.json()).toMatchObject(refused);
    expect(ran).toBe(2);
    held.open();
    expect(await raw.json()).toMatchObject({ correlationId: '1', result: null });
    expect(await raw.json()).toMatchObject({ correlationId: '2', result: null });
  });

  it('answers nobody asked for are dropped', async () => {
    const { server, listener } = await startEcho();
    const raw = await RawClient.open(listener.port);
    const [node] = server.nodes.values();

    const asked = node?.client.send('who');
    const { correlationId } = JSON.parse((await raw.frame()).payload.toString());
    for (const id of [Number(correlationId) + 1, 0, '', 'x', '01', correlationId, correlationId]) {
      raw.send({ type: 'response', correlationId: id, result: id });
    }
    raw.send(PING);

    expect(await asked).toBe(correlationId);
    expect(await raw.json()).toEqual(PONG);
  });

  it('frames before `init` are kept up to earlyFramesMax; one more is a 1008', async () => {
    const { server, listener } = await startEcho({ limits: { earlyFramesMax: 4 } });
    let ran = 0;
    server.client.on('count', () => {
      ran += 1;
    });
    const [good, bad] = [
      await RawClient.connect(listener.port),
      await RawClient.connect(listener.port),
    ];
    // Without a dialect `init` is held back a little: what comes with the upgrade is earlier.
    const upgrade = upgradeRequest('/', {});
    const frames = (name: string, count: number) => {
      return Array.from({ length: count }, (_, i) => jsonFrame(request(`${i}`, name, i)));
    };

    good.socket.write(Buffer.concat([Buffer.from(upgrade), ...frames('echo', 4)]));
    bad.socket.write(Buffer.concat([Buffer.from(upgrade), ...frames('count', 5)]));

    expect([await good.status(), await bad.status()]).toEqual([101, 101]);
    expect(await bad.closeCode()).toBe(1008);
    expect(await good.json()).toMatchObject({ type: 'init' });
    for (let i = 0; i < 4; i += 1) expect(await good.json()).toMatchObject({ result: i });
    expect(ran).toBe(0);
  });

  it('a client that speaks to a node that has left gets the code, and no more', async () => {
    const { server, listener, url } = await startEcho();
    const raw = await RawClient.open(listener.port);
    const [node] = server.nodes.values();

    node?.close();
    raw.send(request('late', 'echo', 1));

    expect(await raw.json()).toMatchObject({ type: 'close' });
    expect(await raw.closeCode()).toBe(1000);
    expect((await failure(dial(url).send('nobody'))).subtype).toBe('unhandled');
  });
});
