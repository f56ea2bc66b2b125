import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Limits, Node } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { FRAME } from '../src/frame.ts';
import { dial, failure, gate, type Started, startEcho } from './fixture.ts';
import { jsonFrame, RawEnd, rawFrame } from './raw.ts';

const LIMITS: Partial<Limits> = {
  socketBufferBytesMax: 65_536,
  socketBacklogBytesMax: 262_144,
};
const REQUEST = { type: 'request', name: 'nobody handles this' };
const BLOCK = 'x'.repeat(50_000);

interface Stuck extends Started {
  readonly raw: RawEnd;
  readonly node: Node;
  /** Code the node is closed with. */
  readonly closed: Promise<number>;
}

/** A client that is open and has stopped to read. */
async function startStuck(): Promise<Stuck> {
  const started = await startEcho({}, { limits: LIMITS });
  const { server, listener } = started;
  server.client.on('big', () => BLOCK);
  const raw = await RawEnd.open(listener.port);
  raw.stream.pause();
  const [node] = server.nodes.values();
  if (node === undefined) throw new Error('there is no node');
  const closed = gate<number>();
  node.events.on('close', (code) => closed.open(code));
  return { ...started, raw, node, closed: closed.promise };
}

/** Tell the client so much that neither it nor the network takes any more; returns how much. */
async function fill(node: Node): Promise<number> {
  let count = 0;
  while (node.client.emit('fill', count, BLOCK)) {
    count += 1;
    await nextTurn();
  }
  return count;
}

describe('a client that does not read', () => {
  it('is not asked any more over socketBufferBytesMax, and keeps its node', async () => {
    const { server, node, url } = await startStuck();

    await fill(node);

    expect(await failure(node.client.send('who'))).toMatchObject({
      subtype: 'overloaded',
      delivered: 'no',
    });
    expect(node.isOpen).toBe(true);
    expect(await dial(url).send('echo', 1)).toBe(1);
    expect(server.nodes.has(node.id)).toBe(true);
  });

  it('is asked again when it has read, and has missed nothing that was sent', async () => {
    const { node, raw } = await startStuck();
    const count = await fill(node);

    raw.stream.resume();

    for (let i = 0; i < count; i += 1) {
      expect(await raw.json()).toMatchObject({ type: 'event', name: 'fill', args: [i, BLOCK] });
    }
    while (!node.client.emit('again')) await nextTurn();
    expect(await raw.json()).toMatchObject({ type: 'event', name: 'again' });
  });

  it('is closed with 1013 over socketBacklogBytesMax, and others go on', async () => {
    const { server, node, raw, closed, url } = await startStuck();
    const other = dial(url);
    await other.ready();
    await fill(node);

    for (let i = 0; node.isOpen; i += 1) {
      raw.send({ type: 'request', correlationId: i, name: 'big' });
      await nextTurn();
    }

    expect(await closed).toBe(1013);
    expect(server.nodes.size).toBe(1);
    expect(await other.send('echo', 1)).toBe(1);
    raw.stream.resume();
    expect(await raw.closeCode()).toBe(1013);
  });

  it.each([
    ['pings of the dialect', (i: number) => jsonFrame({ type: 'ping', correlationId: i })],
    ['requests nobody handles', (i: number) => jsonFrame({ ...REQUEST, correlationId: i })],
    ['messages of no known type', (i: number) => jsonFrame({ type: 'what', correlationId: i })],
  ])('is closed when it has us answer a flood of %s', async (_what, frame) => {
    const { node, raw, closed } = await startStuck();
    await fill(node);
    const many = Buffer.concat(Array.from({ length: 500 }, (_, i) => frame(i)));

    for (let i = 0; i < 500 && node.isOpen; i += 1) {
      raw.stream.write(many);
      await nextTurn();
    }

    expect(await closed).toBe(1013);
  });

  it('gets no answers to a flood of pings, so that none pile up', async () => {
    const { server, node, raw } = await startStuck();
    const heard = gate();
    server.client.on('heard', () => heard.open());
    const count = await fill(node);

    raw.stream.write(Buffer.concat(Array(20_000).fill(rawFrame(FRAME.ping, Buffer.alloc(0)))));
    raw.send({ type: 'event', name: 'heard' });
    await heard.promise;
    node.client.emit('fill', 'the last');
    raw.stream.resume();

    for (let i = 0; i < count; i += 1) expect((await raw.frame()).type).toBe(FRAME.text);
    expect(node.isOpen).toBe(true);
    // The network has taken all by now: now pings are answered again.
    raw.stream.write(rawFrame(FRAME.ping, Buffer.alloc(0)));
    expect((await raw.frame()).type).toBe(FRAME.pong);
  });
});

describe('a client that reads', () => {
  it('gets all answers of one turn, up to socketBacklogBytesMax', async () => {
    const { server, url } = await startEcho();
    server.client.on('big', () => 'x'.repeat(100_000));
    const client = dial(url);
    await client.ready();

    const answers = await Promise.all(Array.from({ length: 40 }, () => client.send('big')));

    expect(answers.map((answer) => String(answer).length)).toEqual(Array(40).fill(100_000));
  });
});
