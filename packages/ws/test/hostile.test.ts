import { describe, expect, it } from 'vitest';
import { dial, gate, next, type Started, start } from './fixture.ts';
import { fragments, OPCODE, RawClient, rawFrame, textFrame } from './raw.ts';

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

describe('a message without meaning', () => {
  it.each([
    ['no JSON', 'hello'],
    ['empty', ''],
    ['half of an object', '{"type":"ping","correlationId":'],
    ['no object', '[1,2,3]'],
    ['null', 'null'],
    ['without a type', '{"name":"echo"}'],
    ['a request without a name', '{"type":"request","args":[]}'],
    ['a ping without an id', '{"type":"ping"}'],
    ['nested without end', `{"type":"event","name":"x","args":${'['.repeat(100_000)}`],
    ['nested too deep', `{"type":"event","name":"x","args":${'['.repeat(600)}${']'.repeat(600)}}`],
    ['with a name over nameBytesMax', `{"type":"event","name":"${'x'.repeat(257)}"}`],
  ])('that is %s is answered `invalid`, and the conversation goes on', async (_what, text) => {
    const { listener } = await startEcho();
    const raw = await RawClient.open(listener.port);

    raw.socket.write(textFrame(text));

    const error = { type: 'error', correlationId: null, errorSubtype: 'invalid', delivered: 'no' };
    expect(await raw.json()).toMatchObject(error);
    raw.send(PING);
    expect(await raw.json()).toEqual(PONG);
  });

  it('closes with 1008 what sent malformedFramesMax of them, and nothing else', async () => {
    const { server, listener, url } = await startEcho();
    const other = dial(url);
    await other.ready();
    const raw = await RawClient.open(listener.port);
    const [, node] = [...server.nodes.values()];
    const closed = gate<number>();
    node?.events.on('close', (code) => closed.open(code));

    for (let i = 0; i < 3; i += 1) raw.socket.write(textFrame('nonsense'));
    raw.send(request('1', 'echo', 'not heard any more'));

    for (let i = 0; i < 3; i += 1) expect(await raw.json()).toMatchObject({ type: 'error' });
    expect(await raw.closeCode()).toBe(1008);
    expect(await closed.promise).toBe(1008);
    expect(await other.send('echo', 1)).toBe(1);
  });

  it('of an unknown type is answered `incompatible`, in its exchange if it names one', async () => {
    const { listener } = await startEcho();
    const raw = await RawClient.open(listener.port);

    for (let i = 0; i < 10; i += 1) raw.send({ type: 'subscribe', correlationId: `s${i}` });
    raw.send({ type: 'item', correlationId: 'reserved' });
    raw.send(PING);

    const error = { type: 'error', errorSubtype: 'incompatible', delivered: 'no' };
    for (let i = 0; i < 10; i += 1) {
      expect(await raw.json()).toMatchObject({ ...error, correlationId: `s${i}` });
    }
    expect(await raw.json()).toMatchObject({ ...error, correlationId: null });
    expect(await raw.json()).toEqual(PONG);
  });

  it('of an `x-` type is ignored, however many there are', async () => {
    const { listener } = await startEcho();
    const raw = await RawClient.open(listener.port);

    for (let i = 0; i < 100; i += 1) raw.send({ type: 'x-telemetry', i });
    raw.send(PING);

    expect(await raw.json()).toEqual(PONG);
  });

  it('is not one for being binary', async () => {
    const { listener } = await startEcho();
    const raw = await RawClient.open(listener.port);
    const binary = { opcode: OPCODE.binary };

    raw.socket.write(textFrame(JSON.stringify(request('1', 'echo', 'é')), binary));
    raw.socket.write(rawFrame(Buffer.from([0xff, 0xfe]), binary));

    expect(await raw.json()).toEqual({ type: 'response', correlationId: '1', result: 'é' });
    expect(await raw.json()).toMatchObject({ type: 'error', errorSubtype: 'invalid' });
  });
});

describe('keys that would change a prototype', () => {
  it.each([
    ['__proto__', '{"__proto__":{"polluted":true}}'],
    ['__proto__, escaped', '{"\\u005f_proto__":{"polluted":true}}'],
    ['constructor.prototype', '{"constructor":{"prototype":{"polluted":true}}}'],
  ])('%s is refused as `invalid` before any handler', async (_key, argument) => {
    const { server, listener } = await startEcho();
    const seen: unknown[] = [];
    server.client.on('merge', (_ctx, value) => seen.push(Object.assign({}, value)));
    const raw = await RawClient.open(listener.port);

    raw.socket.write(
      textFrame(`{"type":"request","correlationId":"1","name":"merge","args":[${argument}]}`),
    );

    expect(await raw.json()).toMatchObject({
      type: 'error',
      errorSubtype: 'invalid',
      delivered: 'no',
    });
    expect(seen).toEqual([]);
    expect('polluted' in {}).toBe(false);
  });

  it('are harmless as names and ids', async () => {
    const { listener } = await startEcho();
    const raw = await RawClient.open(listener.port);

    for (const word of ['__proto__', 'constructor', 'toString']) {
      raw.send(request(word, word));
      raw.send({ type: 'cancel', correlationId: word });
      raw.send({ type: 'response', correlationId: word, result: 1 });

      const expected = { correlationId: word, errorSubtype: 'unhandled', delivered: 'no' };
      expect(await raw.json()).toMatchObject(expected);
    }
  });
});

describe('a message that is too large', () => {
  it('closes its sender with 1009, and nobody else', async () => {
    const { server, listener, url } = await startEcho({ limits: { socketFrameBytesMax: 1_000 } });
    const other = dial(url);
    await other.ready();
    const raw = await RawClient.open(listener.port);
    const left = next(server.events, 'left');

    raw.socket.write(textFrame('x'.repeat(1_001)));

    expect(await raw.closeCode()).toBe(1009);
    await raw.closed;
    await left;
    expect(server.nodes.size).toBe(1);
    expect(await other.send('echo', 1)).toBe(1);
  });

  it('is not one at exactly socketFrameBytesMax', async () => {
    const { listener } = await startEcho({ limits: { socketFrameBytesMax: 1_000 } });
    const raw = await RawClient.open(listener.port);
    const bare = JSON.stringify(PING);

    raw.socket.write(textFrame(bare + ' '.repeat(1_000 - bare.length)));

    expect(await raw.json()).toEqual(PONG);
  });

  it('is found out by its header, before it has come', async () => {
    const { listener } = await startEcho();
    const raw = await RawClient.open(listener.port);
    // 50 MiB are announced.
    const huge = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 3, 0x20, 0, 0]);

    raw.socket.write(huge);

    expect(await raw.closeCode()).toBe(1009);
  });

  it('is found out in pieces', async () => {
    const { listener } = await startEcho({ limits: { socketFrameBytesMax: 1_000 } });
    const raw = await RawClient.open(listener.port);

    for (const bytes of fragments('x'.repeat(1_200), 3)) raw.socket.write(bytes);

    expect(await raw.closeCode()).toBe(1009);
  });
});

describe('fragments', () => {
  it('may be as many as socketFragmentsMax', async () => {
    const { listener } = await startEcho();
    const raw = await RawClient.open(listener.port);

    for (const bytes of fragments(JSON.stringify({ ...PING, pad: 'x'.repeat(100) }), 64)) {
      raw.socket.write(bytes);
    }

    expect(await raw.json()).toEqual(PONG);
  });

  it('one more than that closes their sender, finished or not, and nobody else', async () => {
    const { listener, url } = await startEcho();
    const other = dial(url);
    await other.ready();
    const raw = await RawClient.open(listener.port);

    const many = fragments('x'.repeat(200), 100).slice(0, 65);
    for (const bytes of many) raw.socket.write(bytes);

    expect(await raw.closeCode()).toBe(1008);
    expect(await other.send('echo', 1)).toBe(1);
  });
});

describe('bytes that are no WebSocket', () => {
  it.each<[string, number, Buffer]>([
    ['a reserved opcode', 1002, Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['a reserved bit', 1002, Buffer.from([0xc1, 0x80, 0, 0, 0, 0])],
    ['text that is not UTF-8', 1007, rawFrame(Buffer.from([0xc3, 0x28]))],
    ['a fragmented ping', 1002, rawFrame(Buffer.alloc(0), { opcode: OPCODE.ping, isFinal: false })],
    ['a close frame with half a code', 1002, rawFrame(Buffer.from([3]), { opcode: OPCODE.close })],
  ])('%s closes its sender with %i', async (_what, code, bytes) => {
    const { listener, url } = await startEcho();
    const raw = await RawClient.open(listener.port);

    raw.socket.write(bytes);

    expect(await raw.closeCode()).toBe(code);
    await raw.closed;
    expect(await dial(url).send('echo', 1)).toBe(1);
  });
});
