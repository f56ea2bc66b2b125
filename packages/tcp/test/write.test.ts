import { once } from 'node:events';
import { connect, createServer, type Socket as Stream } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { swarmJson } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { type Closing, FRAME, frameOf } from '../src/frame.ts';
import { TcpSocket } from '../src/socket.ts';
import { dial, gate, HOST, socketPair, startEcho, startNet } from './fixture.ts';
import { jsonFrame, RawEnd, rawFrame, startScripted } from './raw.ts';

/** Count what the stream hands to the network: one of these is one write. */
function countWrites(stream: Stream): { writes: number } {
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

async function receive(far: Stream, count: number): Promise<string[]> {
  const end = new RawEnd(far);
  const texts: string[] = [];
  while (texts.length < count) texts.push(String((await end.frame()).payload));
  return texts;
}

describe('one turn, one write', () => {
  it('messages of one turn leave together, in order, text and bytes', async () => {
    const { socket, stream, far } = await socketPair();
    const counted = countWrites(stream);
    const received = receive(far, 21);

    for (let i = 0; i < 20; i += 1) {
      const text = `message ${i}`;
      socket.send(i % 2 === 0 ? text : Buffer.from(text));
    }
    // Too large to be copied behind its head.
    socket.send(Buffer.alloc(10_000, 'x'));

    expect(counted.writes).toBe(0);
    expect(await received).toEqual([
      ...Array.from({ length: 20 }, (_, i) => `message ${i}`),
      'x'.repeat(10_000),
    ]);
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

  it('so do the goodbye and what was sent before it', async () => {
    const { socket, stream, far } = await socketPair();
    const counted = countWrites(stream);
    const received = receive(far, 3);

    socket.send('first');
    socket.send('second');
    socket.close(4321, 'bye');

    expect(await received).toEqual(['first', 'second', '\x10\uFFFDbye']);
    expect(counted.writes).toBe(1);
  });

  it('which comes with the end of the turn, and not later', async () => {
    const { socket, stream, far } = await socketPair();
    const counted = countWrites(stream);
    new RawEnd(far);

    socket.send('message');
    await new Promise<void>((resolve) => process.nextTick(resolve));

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

  it('what is too much for one write does not wait for the end of the turn', async () => {
    const { socket, stream, far } = await socketPair();
    const counted = countWrites(stream);
    const received = receive(far, 2);

    socket.send('x'.repeat(70_000));

    expect(counted.writes).toBe(1);
    socket.send('y');
    expect(await received).toEqual(['x'.repeat(70_000), 'y']);
  });

  it('counts what waits for the end of the turn as not sent', async () => {
    const { socket, far } = await socketPair();
    const received = receive(far, 1);

    socket.send('x'.repeat(10_000));

    expect(socket.bufferedBytes).toBe(10_005);
    await received;
    expect(socket.bufferedBytes).toBe(0);
  });
});

describe('close', () => {
  it('is told to who closed as it closed, when the other end has hung up', async () => {
    const { socket, far } = await socketPair();
    const end = new RawEnd(far);
    const closed = gate<Closing>();
    socket.attach({ message() {}, closed: (code, reason) => closed.open({ code, reason }) });

    socket.close(4321, 'bye');
    socket.close(4322, 'again');

    expect(await closed.promise).toEqual({ code: 4321, reason: 'bye' });
    expect(await end.closeCode()).toBe(4321);
    await end.closed;
  });

  it('is not answered where nothing was heard of the other end: that is a loss', async () => {
    const { socket, far } = await socketPair();
    const closed = gate<number>();
    socket.attach({ message() {}, closed: closed.open });
    far.pause();

    socket.close(4321, 'bye');
    far.resetAndDestroy();

    expect(await closed.promise).toBe(1006);
  });

  it('lets no message through any more, not even of the same chunk', async () => {
    const { socket, far } = await socketPair();
    const heard: unknown[] = [];
    const closed = gate<number>();
    socket.attach({
      message: (message) => {
        heard.push(message);
        socket.close(1000, '');
      },
      closed: closed.open,
    });

    far.write(Buffer.concat(['1', '2', '3'].map((text) => frameOf(FRAME.text, text))));
    far.resume();
    await closed.promise;

    expect(heard).toEqual(['1']);
  });

  it('by a client that was not let in yet says nothing, and is at once', async () => {
    const { port, net } = await startNet();
    const accepted = once(net, 'connection');
    const socket = new TcpSocket(connect(port, HOST), 1_000, 'opening');
    const [stream]: Stream[] = await accepted;
    if (stream === undefined) throw new Error('nobody connected');
    const end = new RawEnd(stream);

    socket.close(1000, 'never sent');

    await expect(end.frame()).rejects.toThrow('closed by the other end');
  });

  it('of half a connection closes the other half', async () => {
    const { port, net } = await startNet(createServer({ allowHalfOpen: true }));
    const accepted = once(net, 'connection');
    const end = await RawEnd.connect(port);
    const [stream]: Stream[] = await accepted;
    if (stream === undefined) throw new Error('nobody connected');
    const socket = new TcpSocket(stream, 1_000, 'open');
    const closed = gate<Closing>();
    socket.attach({ message() {}, closed: (code, reason) => closed.open({ code, reason }) });

    end.stream.end();

    expect(await closed.promise).toEqual({ code: 1006, reason: 'the other end hung up' });
    await end.closed;
  });

  it.each([1004, 1005, 1006, 0, 999, 5000])(
    'a code nobody may send, like %i, ends the connection',
    async (code) => {
      const { socket, far } = await socketPair();
      const end = new RawEnd(far);
      const closed = gate<number>();
      socket.attach({ message() {}, closed: closed.open });

      socket.close(code, 'never sent');

      expect(await closed.promise).toBe(1006);
      await end.closed;
      await expect(end.frame()).rejects.toThrow('closed by the other end');
    },
  );
});

describe('a ping', () => {
  it('is answered once, however many come while the answer waits', async () => {
    const { socket, stream, far } = await socketPair();
    const end = new RawEnd(far);
    const counted = countWrites(stream);

    far.write(Buffer.concat(Array(1_000).fill(rawFrame(FRAME.ping, Buffer.alloc(0)))));
    far.write(rawFrame(FRAME.text, Buffer.from('after them')));
    const heard = gate();
    socket.attach({ message: () => heard.open(), closed() {} });
    await heard.promise;
    socket.send('the end');

    const types: number[] = [];
    while (types.at(-1) !== FRAME.text) types.push((await end.frame()).type);
    // One for each chunk of the thousand, at most.
    expect(types.filter((type) => type === FRAME.pong).length).toBeLessThan(5);
    expect(types[0]).toBe(FRAME.pong);
    expect(counted.writes).toBeLessThan(6);
  });
});

describe('a whole server', () => {
  it('answers all requests of one segment in one write, also when handlers are asynchronous', async () => {
    const { net, port } = await startNet();
    const { server } = await startEcho({ server: net });
    const connected = once(net, 'connection');
    const raw = await RawEnd.open(port);
    const [stream]: Stream[] = await connected;
    if (stream === undefined) throw new Error('nobody connected');
    server.client.on('async', async (_ctx, value) => value);
    const counted = countWrites(stream);

    for (const name of ['echo', 'async']) {
      const request = { type: 'request', name };
      const frames = Array.from({ length: 50 }, (_, i) => {
        return jsonFrame({ ...request, correlationId: i, args: [i] });
      });
      raw.stream.write(Buffer.concat(frames));
      for (let i = 0; i < 50; i += 1) expect(await raw.json()).toMatchObject({ result: i });
    }

    expect(counted.writes).toBe(2);
  });

  it('is asked by a client of ours in one write per turn', async () => {
    const ends: RawEnd[] = [];
    const url = await startScripted((end) => ends.push(end));
    const client = dial(url, { dialect: swarmJson });
    await client.ready();
    const [end] = ends;
    if (end === undefined) throw new Error('nobody connected');
    let segments = 0;
    end.stream.on('data', () => {
      segments += 1;
    });

    for (let i = 0; i < 100; i += 1) client.emit('turn', i);

    for (let i = 0; i < 100; i += 1) expect(await end.json()).toMatchObject({ args: [i] });
    expect(segments).toBe(1);
  });
});
