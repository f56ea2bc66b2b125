import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { createServer, LIMITS, memory } from '../src/index.ts';
import { encodeSwarmFrame, frameTo, type SwarmFrame } from '../src/swarm-frame.ts';
import { decodeLone, framesIn, OTHER } from './hosts.ts';
import { THIRD } from './router-end.ts';
import { FakeRuntime } from './runtime.ts';
import { ending } from './world.ts';

/** A server, and a process of another make that owns the node `far` and answers as told. */
async function newForeigner(answer: (request: SwarmFrame) => readonly Partial<SwarmFrame>[]) {
  const runtime = new FakeRuntime();
  const swarm = memory('memory:foreign', runtime);
  const server = await runtime.until(createServer({ swarm, runtime }));
  const link = await swarm.connect({
    inbox: `swarm.p.${OTHER}`,
    frameBytesMax: LIMITS.swarmFrameBytesMax,
    deliver: (_subject, payload) => {
      const request = decodeLone(payload);
      if (request?.kind !== 'request') return;
      for (const fields of answer(request)) {
        const bare: SwarmFrame = { ...frameTo('response', OTHER, ''), target: 'process' };
        const frame = { ...bare, id: request.id, node: request.to, ...fields };
        link.publish(`swarm.p.${request.process}`, encodeSwarmFrame(frame), 0);
      }
    },
    undeliverable: () => {},
    healed: () => {},
    pressure: () => {},
    lost: () => {},
  });
  await link.subscribe(['swarm.n.far']);
  const ask = async () => {
    const asked = ending(server.with({ timeoutMs: 128 }).send('far', 'load'));
    await runtime.advance(500);
    return await asked;
  };
  const close = async () => {
    await server.close();
    await link.close();
  };
  return { server, link, runtime, ask, close };
}

describe('a process of another make', () => {
  it('is understood', async () => {
    const { ask, close } = await newForeigner(() => [{ body: Body.of('done') }]);

    expect(await ask()).toBe('done');
    await close();
  });

  it('has answered, although the answer cannot be read', async () => {
    for (const body of [
      Body.received(new Uint8Array([1]), 99),
      Body.received(new Uint8Array([0xff]), 0),
      Body.received(new TextEncoder().encode('{"__proto__":1}'), 0),
    ]) {
      const { ask, close } = await newForeigner(() => [{ body }]);

      expect(await ask()).toBe('invalid/yes');
      await close();
    }
  });

  it('answers once, and only what it was asked', async () => {
    const { ask, close } = await newForeigner(({ id }) => [
      { body: Body.of('wrong id'), id: id + 1 },
      { body: Body.of('wrong node'), node: 'other' },
      { body: Body.of('nobody'), node: null },
      { body: Body.of('first') },
      { body: Body.of('second') },
    ]);

    expect(await ask()).toBe('first');
    await close();
  });

  it('is waited for no longer than the deadline', async () => {
    const { ask, close } = await newForeigner(() => []);

    expect(await ask()).toBe('timeout/unknown');
    await close();
  });

  it('is told what is wrong with arguments that cannot be read', async () => {
    const { server, link, runtime, close } = await newForeigner(() => []);
    const answers: SwarmFrame[] = [];
    const third = await memory('memory:foreign', runtime).connect({
      inbox: `swarm.p.${THIRD}`,
      frameBytesMax: LIMITS.swarmFrameBytesMax,
      deliver: (_subject, payload) => {
        answers.push(...framesIn(payload));
      },
      undeliverable: () => {},
      healed: () => {},
      pressure: () => {},
      lost: () => {},
    });
    server.on('load', () => 'load');
    const socket = { attach: () => {}, send: () => {}, close: () => {} };
    await runtime.until(server.createNode(socket, { id: 'here' }));
    const bodies = [Body.received(new Uint8Array([1]), 99), Body.of({ no: 'list' })];
    for (const [i, body] of bodies.entries()) {
      const frame = { ...frameTo('request', THIRD, 'here'), id: i + 1, ttlMs: 100, name: 'load' };
      link.publish('swarm.n.here', encodeSwarmFrame({ ...frame, body }), 0);
    }
    await runtime.settle();

    expect(answers.map(({ body }) => body.value)).toMatchObject([
      { errorSubtype: 'incompatible', delivered: 'no' },
      { errorSubtype: 'invalid', delivered: 'no' },
    ]);
    await third.close();
    await close();
  });
});
