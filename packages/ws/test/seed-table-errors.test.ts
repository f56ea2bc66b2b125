import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { createServer, type Node, type Server, SwarmError } from '@swarm/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { connect, listen } from '../src/index.ts';

async function open(): Promise<{ server: Server; url: string; port: number }> {
  const server = await createServer();
  onTestFinished(() => server.close());
  server.client.on('echo', (_ctx, ...args) => args);
  const accept = ({ url = '/' }) => (url === '/' ? undefined : { id: url.slice(1) });
  const { port } = await listen(server, { port: 0, host: '127.0.0.1', accept });
  return { server, url: `ws://127.0.0.1:${port}`, port };
}

/** A client that writes its frames by hand. Every frame it gets is in `frames`. */
class Hand {
  readonly frames: unknown[] = [];
  readonly ws: WebSocket;
  #wake: () => void = () => {};

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)));
      this.#wake();
    });
  }

  static async open(url: string): Promise<Hand> {
    const ws = new WebSocket(url, ['swarm.json']);
    onTestFinished(() => ws.terminate());
    const hand = new Hand(ws);
    expect(await hand.next()).toMatchObject({ type: 'init' });
    return hand;
  }

  send(...frames: readonly object[]): void {
    for (const frame of frames) this.ws.send(JSON.stringify(frame));
  }

  /** The first frame nobody took yet. */
  async next(): Promise<unknown> {
    while (this.frames.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.frames.shift();
  }

  /** All frames up to now: what was sent before is answered before. */
  async rest(): Promise<unknown[]> {
    const mark = { type: 'pong', correlationId: 'mark' };
    this.send({ type: 'ping', correlationId: 'mark' });
    const frames: unknown[] = [];
    for (;;) {
      const frame = await this.next();
      if (JSON.stringify(frame) === JSON.stringify(mark)) return frames;
      frames.push(frame);
    }
  }
}

function request(name: string, correlationId: string, ...args: unknown[]) {
  return { type: 'request', name, args, correlationId };
}

function theNode(server: Server): Node {
  const [node] = server.nodes.values();
  if (node === undefined) throw new TypeError('no node');
  return node;
}

/** Failures of this process that nobody handles. Node tells of them after the turn. */
function watchUncaught(): unknown[] {
  const found: unknown[] = [];
  const note = (reason: unknown) => found.push(reason);
  process.on('unhandledRejection', note);
  process.on('uncaughtExceptionMonitor', note);
  onTestFinished(() => {
    process.off('unhandledRejection', note);
    process.off('uncaughtExceptionMonitor', note);
  });
  return found;
}

describe('error type: type, subtype, message, data', () => {
  it.each([
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a string', 'words', 'words'],
    ['an Error', new RangeError('words'), 'words'],
  ])('a thrown value gives exactly one error answer: %s', async (_what, thrown, message) => {
    const { server, url } = await open();
    const uncaught = watchUncaught();
    server.client.on('now', () => {
      throw thrown;
    });
    server.client.on('later', async () => {
      throw thrown;
    });
    const hand = await Hand.open(url);

    hand.send(request('now', 'a'), request('later', 'b'));
    const frames = [...(await hand.rest()), ...(await hand.rest())];

    const error = { errorType: 'endpoint', errorSubtype: null, data: null, message };
    expect(frames).toMatchObject([
      { type: 'error', correlationId: 'a', ...error },
      { type: 'error', correlationId: 'b', ...error },
    ]);
    expect(frames).toHaveLength(2);
    expect(uncaught).toEqual([]);
  });

  it('carries code and data, never a stack or a cause', async () => {
    const { server, url } = await open();
    server.client.on('fail', (ctx) => ctx.fail('DIVIDE_BY_ZERO', { dividend: 1 }));
    const hand = await Hand.open(url);

    hand.send(request('fail', 'a'));

    expect(await hand.next()).toEqual({
      ...{ type: 'error', correlationId: 'a', errorType: 'endpoint', errorSubtype: null },
      ...{ message: 'DIVIDE_BY_ZERO', code: 'DIVIDE_BY_ZERO', data: { dividend: 1 } },
      delivered: 'yes',
    });
  });

  it('maps an unknown errorType on the wire to protocol', async () => {
    const { server, url } = await open();
    const hand = await Hand.open(url);
    const answer = theNode(server).client.send('ask');

    expect(await hand.next()).toMatchObject({ type: 'request', correlationId: '1' });
    hand.send({ type: 'error', correlationId: '1', errorType: 'x-news', message: 'm', data: [1] });

    const error: unknown = await answer.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SwarmError);
    expect(error).toMatchObject({ type: 'protocol', subtype: 'internal', data: [1] });
  });
});

describe('unhandled error', () => {
  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'then'])(
    'answers a request named %s like any other name nobody handles',
    async (name) => {
      const { server, url } = await open();
      const client = connect(url);
      onTestFinished(() => client.close());
      const expected = {
        ...{ type: 'protocol', subtype: 'unhandled', delivered: 'no' },
        data: { requestName: name },
      };

      await expect(client.send(name)).rejects.toMatchObject(expected);
      await expect(theNode(server).client.send(name)).rejects.toMatchObject(expected);
    },
  );

  it('and such a name can be handled', async () => {
    const { server, url } = await open();
    server.client.on('constructor', () => 'built');
    server.client.on('__proto__', () => 'safe');
    const hand = await Hand.open(url);

    hand.send(request('constructor', 'a'), request('__proto__', 'b'));

    expect(await hand.next()).toMatchObject({ correlationId: 'a', result: 'built' });
    expect(await hand.next()).toMatchObject({ correlationId: 'b', result: 'safe' });
  });
});

describe('malformed JSON from a client', () => {
  it.each(['{', '', 'null', '[]', '7', '{"type":7}', '{"type":"request"}', '{"type":"nope"}'])(
    'does not kill the server, nor the conversation: %j',
    async (text) => {
      const { url } = await open();
      const hand = await Hand.open(url);

      hand.ws.send(text);
      hand.ws.send(Buffer.from(text));
      hand.send(request('echo', 'a', 1));

      const frames = await hand.rest();
      expect(frames).toMatchObject([
        { type: 'error', correlationId: null, errorType: 'protocol', delivered: 'no' },
        { type: 'error', correlationId: null, errorType: 'protocol', delivered: 'no' },
        { type: 'response', correlationId: 'a', result: [1] },
      ]);
    },
  );

  it('closes, after some in a row, the socket they came by and no other', async () => {
    const { server, url } = await open();
    const [bad, good] = [await Hand.open(url), await Hand.open(url)];
    const max = server.limits.malformedFramesMax;
    for (let i = 0; i < 3 * max; i += 1) {
      good.ws.send('{');
      expect(await good.rest()).toHaveLength(1);
    }

    for (let i = 0; i < max; i += 1) bad.ws.send('{');
    const [code] = await once(bad.ws, 'close');

    expect(code).toBe(1008);
    good.send(request('echo', 'a'));
    expect(await good.next()).toMatchObject({ correlationId: 'a', result: [] });
  });

  it('a client that asks for an impossible id cannot kill the server afterwards', async () => {
    const { server, url, port } = await open();
    const uncaught = watchUncaught();
    const refused = new Promise((resolve) => server.events.on('refused', resolve));
    const tcp = connectTcp(port, '127.0.0.1');
    onTestFinished(() => void tcp.destroy());
    const id = 'x'.repeat(200);
    tcp.write(
      `GET /${id} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await refused;

    tcp.on('error', () => {});
    tcp.end(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await once(tcp.resume(), 'close');

    const hand = await Hand.open(url);
    hand.send(request('echo', 'a'));
    expect(await hand.next()).toMatchObject({ correlationId: 'a' });
    expect(uncaught).toEqual([]);
  });
});

describe('reply correlation', () => {
  it('takes an answer from the end that was asked, not from another that guesses its id', async () => {
    const { server, url } = await open();
    const [asked, guessing] = [await Hand.open(`${url}/asked`), await Hand.open(`${url}/guess`)];
    const answer = server.nodes.get('asked')?.client.send('who');
    expect(await asked.next()).toMatchObject({ type: 'request', correlationId: '1' });

    guessing.send({ type: 'response', correlationId: '1', result: 'me' });
    guessing.send({ type: 'error', correlationId: '1', errorType: 'endpoint', message: 'me' });
    expect(await guessing.rest()).toEqual([]);
    asked.send({ type: 'response', correlationId: '1', result: 'the asked one' });

    await expect(answer).resolves.toBe('the asked one');
  });

  it('drops answers to nothing, and second answers', async () => {
    const { server, url } = await open();
    const hand = await Hand.open(url);
    const answer = theNode(server).client.send('who');
    await hand.next();

    for (const id of ['2', 'x', '__proto__', '1', '1']) {
      hand.send({ type: 'response', correlationId: id, result: id });
    }

    await expect(answer).resolves.toBe('1');
    expect(await hand.rest()).toEqual([]);
  });

  it('a correlation id may be used again once it is answered, not while it is open', async () => {
    const { server, url } = await open();
    let finish: (value: string) => void = () => {};
    server.client.on('wait', () => {
      return new Promise<string>((resolve) => {
        finish = resolve;
      });
    });
    const hand = await Hand.open(url);

    hand.send(request('wait', 'a'), request('echo', 'a'));
    expect(await hand.rest()).toMatchObject([
      { type: 'error', correlationId: 'a', errorSubtype: 'invalid', delivered: 'no' },
    ]);
    finish('first');
    expect(await hand.next()).toMatchObject({ correlationId: 'a', result: 'first' });
    hand.send(request('echo', 'a'));

    expect(await hand.next()).toMatchObject({ correlationId: 'a', result: [] });
  });
});
