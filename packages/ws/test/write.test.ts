import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { dial, gate, socketPair, start, startHttp, startScripted } from './fixture.ts';
import { jsonFrame, RawClient } from './raw.ts';

/** Count what the stream below hands to the network: one of these is one write. */
function countWrites(stream: Duplex): { writes: number } {
  const counted = { writes: 0 };
  const write = stream._write;
  const writev = stream._writev;
  stream._write = (...args) => {
    counted.writes += 1;
    write.apply(stream, args);
  };
  stream._writev = (...args) => {
    counted.writes += 1;
    writev?.apply(stream, args);
  };
  return counted;
}

async function receive(far: WebSocket, count: number): Promise<string[]> {
  const received: string[] = [];
  far.on('message', (data) => received.push(String(data)));
  while (received.length < count) await once(far, 'message');
  return received;
}

describe('one turn, one write', () => {
  it('messages of one turn leave together, in order', async () => {
    const { socket, stream, far } = await socketPair();
    const counted = countWrites(stream);
    const received = receive(far, 20);

    for (let i = 0; i < 20; i += 1) socket.send(`message ${i}`);

    expect(counted.writes).toBe(0);
    expect(await received).toEqual(Array.from({ length: 20 }, (_, i) => `message ${i}`));
    expect(counted.writes).toBe(1);
  });

  it('so do those that the promises of the turn send', async () => {
    const { socket, stream, far } = await socketPair();
    const counted = countWrites(stream);
    const received = receive(far, 4);
    await nextTurn();

    for (let i = 0; i < 4; i += 1) {
      let promise = Promise.resolve();
      for (let hops = 0; hops < 5 * i; hops += 1) promise = promise.then(() => {});
      promise.then(() => socket.send(`message ${i}`));
    }

    expect(await received).toHaveLength(4);
    expect(counted.writes).toBe(1);
  });

  it('messages of different turns do not wait for each other', async () => {
    const { socket, stream, far } = await socketPair();
    const counted = countWrites(stream);
    const received = receive(far, 3);

    for (let i = 0; i < 3; i += 1) {
      socket.send(`message ${i}`);
      await nextTurn();
      expect(counted.writes).toBe(i + 1);
    }

    expect(await received).toHaveLength(3);
  });

  it('bytes and text keep their kind on the way in', async () => {
    const { socket, far } = await socketPair();
    const messages: unknown[] = [];
    const heard = gate();
    socket.attach({
      message: (message) => {
        messages.push(message);
        if (messages.length === 3) heard.open();
      },
      closed() {},
    });

    far.send('é');
    far.send(Buffer.from([0xff, 0xfe]));
    far.send('');
    await heard.promise;

    expect(messages).toEqual(['é', Buffer.from([0xff, 0xfe]), '']);
  });

  it('bytes and text keep their kind on the way out', async () => {
    const { socket, far } = await socketPair();
    const kinds: boolean[] = [];
    far.on('message', (_data, isBinary) => kinds.push(isBinary));

    socket.send('text');
    socket.send(new Uint8Array([1, 2, 3]));
    socket.send('');
    while (kinds.length < 3) await once(far, 'message');

    expect(kinds).toEqual([false, true, false]);
  });

  it('what was sent before a close arrives before it; what comes after does not', async () => {
    const { socket, far } = await socketPair();
    const received: string[] = [];
    far.on('message', (data) => received.push(String(data)));
    const closed = once(far, 'close');

    socket.send('first');
    socket.send('second');
    socket.close(4321, 'é'.repeat(100));
    socket.send('too late');

    const [code, reason] = await closed;
    expect(code).toBe(4321);
    // A reason has 123 bytes at most, and whole characters only.
    expect(String(reason)).toBe('é'.repeat(61));
    expect(received).toEqual(['first', 'second']);
  });

  it.each([1004, 1005, 1006, 0, 999])(
    'a code nobody may send, like %i, ends the connection',
    async (code) => {
      const { socket, far } = await socketPair();
      const closed = once(far, 'close');

      socket.close(code, 'never sent');

      expect((await closed)[0]).toBe(1006);
    },
  );

  it('counts what waits for the end of the turn as not sent', async () => {
    const { socket, far } = await socketPair();
    const received = receive(far, 1);

    socket.send('x'.repeat(10_000));

    expect(socket.bufferedBytes).toBeGreaterThan(10_000);
    await received;
    expect(socket.bufferedBytes).toBe(0);
  });
});

describe('a whole server', () => {
  it('answers all requests of one segment in one write, also when handlers are asynchronous', async () => {
    const { http, port } = await startHttp();
    const streams: Duplex[] = [];
    http.on('connection', (stream) => streams.push(stream));
    const { server } = await start({ server: http });
    server.client.on('sync', (_ctx, value) => value);
    server.client.on('async', async (_ctx, value) => value);
    const raw = await RawClient.open(port);
    const [stream] = streams;
    if (stream === undefined) throw new Error('nobody connected');
    const counted = countWrites(stream);

    for (const name of ['sync', 'async']) {
      const request = { type: 'request', name };
      const frames = Array.from({ length: 50 }, (_, i) => {
        return jsonFrame({ ...request, correlationId: i, args: [i] });
      });
      raw.socket.write(Buffer.concat(frames));
      for (let i = 0; i < 50; i += 1) expect(await raw.json()).toMatchObject({ result: i });
    }

    expect(counted.writes).toBe(2);
  });

  it('is asked by a client of ours in one write per turn', async () => {
    const streams: Duplex[] = [];
    const received: string[] = [];
    const url = await startScripted((ws, stream) => {
      streams.push(stream);
      ws.on('message', (data) => received.push(String(data)));
    });
    const client = dial(url);
    await client.ready();
    let segments = 0;
    streams[0]?.on('data', () => {
      segments += 1;
    });

    for (let i = 0; i < 100; i += 1) client.emit('turn', i);
    while (received.length < 100) await nextTurn();

    expect(received.map((text) => JSON.parse(text).args)).toEqual(
      Array.from({ length: 100 }, (_, i) => [i]),
    );
    expect(segments).toBe(1);
  });
});
