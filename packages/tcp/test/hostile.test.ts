import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeFrame, FRAME } from '../src/frame.ts';
import { dial, gate, next, startEcho, startNet, watchUncaught } from './fixture.ts';
import { hello, jsonFrame, RawEnd, rawFrame } from './raw.ts';

const PING = { type: 'ping', correlationId: 'p' };
const PONG = { type: 'pong', correlationId: 'p' };

describe('a message that is too large', () => {
  it('closes its sender with 1009, and nobody else', async () => {
    const { server, listener, url } = await startEcho(
      {},
      { limits: { socketFrameBytesMax: 1_000 } },
    );
    const other = dial(url);
    await other.ready();
    const raw = await RawEnd.open(listener.port);
    const left = next(server.events, 'left');

    raw.stream.write(rawFrame(FRAME.text, Buffer.alloc(1_001, 'x')));

    expect(await raw.closeCode()).toBe(1009);
    await raw.closed;
    await left;
    expect(server.nodes.size).toBe(1);
    expect(await other.send('echo', 1)).toBe(1);
  });

  it('is not one at exactly socketFrameBytesMax', async () => {
    const { listener } = await startEcho({}, { limits: { socketFrameBytesMax: 1_000 } });
    const raw = await RawEnd.open(listener.port);
    const bare = JSON.stringify(PING);

    raw.stream.write(rawFrame(FRAME.text, Buffer.from(bare.padEnd(1_000))));

    expect(await raw.json()).toEqual(PONG);
  });

  it('is found out by its length, before it has come', async () => {
    const { listener } = await startEcho();
    const raw = await RawEnd.open(listener.port);

    raw.stream.write(rawFrame(FRAME.bytes, Buffer.alloc(0), 50_000_000));

    expect(await raw.closeCode()).toBe(1009);
  });
});

describe('bytes that break a rule', () => {
  it.each<[string, number, Buffer]>([
    ['a length of 0', 1002, Buffer.alloc(4)],
    ['a type nobody knows', 1002, rawFrame(99, Buffer.alloc(3))],
    ['the type 0', 1002, rawFrame(0, Buffer.alloc(0))],
    ['a welcome', 1002, rawFrame(FRAME.welcome, Buffer.alloc(0))],
    ['a refusal', 1002, rawFrame(FRAME.refused, Buffer.from([1, 145]))],
    ['text that is not UTF-8', 1007, rawFrame(FRAME.text, Buffer.from([0xc3, 0x28]))],
    ['a close without a code', 1002, rawFrame(FRAME.close, Buffer.alloc(0))],
    ['a close with a code nobody sends', 1002, closeWith(1006)],
  ])('like %s close their sender with %i', async (_what, code, bytes) => {
    const { server, listener, url } = await startEcho();
    const raw = await RawEnd.open(listener.port);
    const [node] = server.nodes.values();
    const closed = gate<number>();
    node?.events.on('close', (with_) => closed.open(with_));

    // Nothing of what comes behind them is heard.
    raw.stream.write(Buffer.concat([bytes, jsonFrame(PING)]));

    const { type, payload } = await raw.frame();
    expect([type, payload.readUInt16BE(0)]).toEqual([FRAME.close, code]);
    await raw.closed;
    expect(await closed.promise).toBe(1006);
    expect(await dial(url).send('echo', 1)).toBe(1);
  });

  it('that have no meaning in the dialect are answered by it', async () => {
    const { listener } = await startEcho();
    const raw = await RawEnd.open(listener.port);

    raw.stream.write(rawFrame(FRAME.text, Buffer.from('nonsense')));
    raw.stream.write(rawFrame(FRAME.bytes, Buffer.from([0xff])));
    raw.stream.write(rawFrame(FRAME.text, Buffer.alloc(0)));

    for (let i = 0; i < 3; i += 1) {
      expect(await raw.json()).toMatchObject({ type: 'error', errorSubtype: 'invalid' });
    }
    expect(await raw.closeCode()).toBe(1008);
  });

  it('do not reach the node of a client that has said goodbye', async () => {
    const { server, listener } = await startEcho();
    const raw = await RawEnd.open(listener.port);
    const heard: unknown[] = [];
    server.client.on('late', () => heard.push('late'));
    const left = next(server.events, 'left');

    raw.stream.cork();
    raw.stream.write(closeFrame({ code: 1000, reason: 'bye' }));
    raw.send({ type: 'event', name: 'late' });
    raw.stream.uncork();
    await left;
    await raw.closed;

    expect(heard).toEqual([]);
  });
});

describe('who does not hang up', () => {
  it('after being closed is hung up on', { timeout: 10_000 }, async () => {
    const { server, listener } = await startEcho();
    const raw = await RawEnd.open(listener.port);
    raw.stream.allowHalfOpen = true;
    server.nodes.values().next().value?.close();

    expect(await raw.closeCode()).toBe(1000);
    // It goes on sending instead: that is thrown away, and not kept.
    const flood = setInterval(() => raw.stream.write(Buffer.alloc(10_000)), 5);
    await raw.closed;
    clearInterval(flood);

    expect(server.nodes.size).toBe(0);
  });

  it('after saying goodbye is hung up on', { timeout: 10_000 }, async () => {
    const { net, port, streams } = await startNet();
    const { server } = await startEcho({ server: net });
    const raw = await RawEnd.open(port);
    raw.stream.allowHalfOpen = true;
    const [stream] = streams;
    const left = next(server.events, 'left');

    raw.stream.write(closeFrame({ code: 4001, reason: 'bye' }));

    await left;
    if (stream === undefined) throw new Error('nobody connected');
    await once(stream, 'close');
    expect(raw.stream.destroyed).toBe(false);
  });
});

describe('resets', () => {
  it('at any moment end no process', async () => {
    const errors = watchUncaught();
    const { server, listener, url } = await startEcho({
      accept: async () => {
        await nextTurn();
        return {};
      },
    });
    const said = Buffer.concat([hello(), jsonFrame({ ...PING }), jsonFrame(PING)]);

    for (let turns = 0; turns < 12; turns += 1) {
      for (const length of [0, 3, 20, hello().length, said.length]) {
        const raw = await RawEnd.connect(listener.port);
        raw.stream.write(said.subarray(0, length));
        for (let i = 0; i < turns; i += 1) await nextTurn();
        raw.stream.resetAndDestroy();
      }
    }

    const client = dial(url);
    expect(await client.send('echo', 1)).toBe(1);
    while (server.nodes.size > 1) await next(server.events, 'left');
    expect(errors).toEqual([]);
  });
});

describe('any bytes at all', () => {
  it('leave the server as it was', async () => {
    const errors = watchUncaught();
    const { server, listener, url } = await startEcho();
    const frame = fc.record({
      type: fc.oneof(fc.constantFrom(...Object.values(FRAME)), fc.nat(255)),
      payload: fc.uint8Array({ maxLength: 60 }),
    });
    const frames = fc.array(frame, { maxLength: 8 });

    await fc.assert(
      fc.asyncProperty(fc.boolean(), frames, fc.nat(500), async (isPolite, sent, cut) => {
        const raw = await RawEnd.connect(listener.port);
        const parts = sent.map(({ type, payload }) => rawFrame(type, Buffer.from(payload)));
        const bytes = Buffer.concat([isPolite ? hello() : Buffer.alloc(0), ...parts]);
        raw.stream.write(bytes.subarray(0, cut));
        raw.stream.end(bytes.subarray(cut));
        await raw.closed;
      }),
      { numRuns: 200 },
    );

    while (server.nodes.size > 0) await next(server.events, 'left');
    expect(await dial(url).send('echo', 1)).toBe(1);
    expect(errors).toEqual([]);
  });
});

function closeWith(code: number): Buffer {
  return rawFrame(FRAME.close, Buffer.from([code >> 8, code & 0xff]));
}
