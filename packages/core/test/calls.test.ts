import { describe, expect, it } from 'vitest';
import { type CallOptions, createClient, createServer, LIMITS, type Server } from '../src/index.ts';
import { refusal } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { ending, World } from './world.ts';

async function newCalls(limits: Parameters<World['server']>[0] = {}) {
  const world = new World();
  const server: Server = await world.server(limits);
  const connected = await world.connect(server, { id: 'me' });
  server.client.on('echo', (_ctx, ...args) => args);
  server.client.on('never', () => new Promise(() => {}));
  server.client.on('meta', (ctx) => ctx.meta);
  return { world, server, ...connected };
}

/** A signal that knows how many listen to it. */
class CountingSignal extends EventTarget implements AbortSignal {
  aborted = false;
  reason: unknown = undefined;
  onabort: AbortSignal['onabort'] = null;
  listeners = 0;

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listeners += 1;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners -= 1;
    super.removeEventListener(...args);
  }

  throwIfAborted(): void {}

  abort(): void {
    this.aborted = true;
    this.dispatchEvent(new Event('abort'));
  }
}

describe('a call', () => {
  it('is refused as a mistake of the program where it could never be sent', async () => {
    const { world, client, node, server } = await newCalls();
    const options = (json: string): CallOptions => JSON.parse(json);

    for (const name of ['', 'x'.repeat(LIMITS.nameBytesMax + 1), '\ud800']) {
      expect(await ending(client.send(name))).toBeInstanceOf(TypeError);
      expect(() => client.emit(name)).toThrow(TypeError);
    }
    for (const id of ['', 'x'.repeat(LIMITS.nodeIdBytesMax + 1)]) {
      expect(await ending(node.send(id, 'x'))).toBeInstanceOf(TypeError);
      expect(() => server.emit(id, 'x')).toThrow(TypeError);
    }
    const tooLong = `{"meta":{"a":"${'x'.repeat(1_024)}"}}`;
    for (const wrong of ['{"meta":{"a":1}}', tooLong, '{"meta":{"__proto__":"x"}}']) {
      expect(await ending(client.with(options(wrong)).send('echo'))).toBeInstanceOf(TypeError);
      expect(() => client.with(options(wrong)).emit('echo')).toThrow(TypeError);
    }
    expect(await ending(client.send('echo', 1n))).toBeInstanceOf(TypeError);
    expect(() => client.emit('echo', 1n)).toThrow(TypeError);
    await world.close();
  });

  it('is given a time that is a number, more than none and at most timeoutMsMax', async () => {
    const { world, client } = await newCalls();
    const options = (timeoutMs: string): CallOptions => JSON.parse(`{"timeoutMs":${timeoutMs}}`);

    for (const wrong of ['0', '-1', 'null', '"500"', String(LIMITS.timeoutMsMax + 1)]) {
      expect(await ending(client.with(options(wrong)).send('echo'))).toBeInstanceOf(TypeError);
    }
    expect(await ending(client.with({ timeoutMs: Number.NaN }).send('echo'))).toBeInstanceOf(
      TypeError,
    );
    await world.close();
  });

  // Times of a real clock have fractions, and what is added to them comes back a little more.
  it('may take the longest time there is, whatever the clock says', async () => {
    const { world, client, node, server } = await newCalls();
    const far = await world.server();
    far.on('load', () => 'load');
    const { node: farNode } = await world.connect(far);
    server.on('load', () => 'load');
    client.on('echo', () => 'echo');
    for (let i = 0; i < 20; i += 1) {
      await world.runtime.advance(123.456_789 + i / 7);
      const longest = { timeoutMs: LIMITS.timeoutMsMax };

      expect(await world.run(ending(client.with(longest).send('echo', i)))).toEqual([i]);
      expect(await world.run(ending(node.client.with(longest).send('echo')))).toBe('echo');
      expect(await world.run(ending(node.with(longest).send(farNode.id, 'load')))).toBe('load');
    }
    await world.close();
  });

  it('carries arguments and meta, and keeps options for the next', async () => {
    const { world, client } = await newCalls();
    const traced = client.with({ meta: { trace: '1' } });

    expect(await world.run(client.send('echo', 1, [2], { a: null }))).toEqual([
      1,
      [2],
      { a: null },
    ]);
    expect(await world.run(traced.send('meta'))).toEqual({ trace: '1' });
    expect(await world.run(traced.with({ timeoutMs: 50 }).send('meta'))).toEqual({ trace: '1' });
    expect(await world.run(client.send('meta'))).toEqual({});
    await world.close();
  });

  it('fails at its own deadline, or else at that of client or server', async () => {
    const world = new World();
    const server = await world.server({ requestTimeoutMs: 640 });
    const { client, node } = await world.connect(server, {}, { requestTimeoutMs: 1_280 });
    for (const end of [client, node.client]) end.on('never', () => new Promise(() => {}));
    const startMs = world.runtime.nowMs();
    const settledAt = async (promise: Promise<unknown>) => {
      expect(await ending(promise)).toBe('timeout/unknown');
      return world.runtime.nowMs() - startMs;
    };
    const times = [
      settledAt(node.client.with({ timeoutMs: 128 }).send('never')),
      settledAt(node.client.send('never')),
      settledAt(client.send('never')),
    ];

    await world.runtime.advance(3_000);

    const [own, servers, clients] = await Promise.all(times);
    expect(own).toBeGreaterThanOrEqual(128);
    expect(servers).toBeGreaterThanOrEqual(640);
    expect(servers).toBeLessThan(1_280);
    expect(clients).toBeGreaterThanOrEqual(1_280);
    await world.close();
  });

  it('fails as invalid, having run, where the answer cannot be read', async () => {
    const { world, server } = await newCalls();
    server.on('deep', () => JSON.parse('['.repeat(600) + ']'.repeat(600)));

    await expect(world.run(server.send('me', 'deep'))).rejects.toMatchObject(
      refusal('invalid', 'yes'),
    );
    await world.close();
  });

  it('too_large is thrown by an event too: sending it again will not help', async () => {
    const { world, client, server } = await newCalls({ limits: { swarmFrameBytesMax: 20_000 } });

    await expect(client.send('echo', 'x'.repeat(LIMITS.socketFrameBytesMax))).rejects.toMatchObject(
      refusal('too_large', 'no'),
    );
    expect(() => client.emit('echo', 'x'.repeat(LIMITS.socketFrameBytesMax))).toThrow(
      expect.objectContaining(refusal('too_large', 'no')),
    );
    expect(() => server.emit('me', 'echo', 'x'.repeat(20_000))).toThrow(
      expect.objectContaining(refusal('too_large', 'no')),
    );
    await world.close();
  });
});

describe('the signal of a call', () => {
  it('gives up, and lets the other end know', async () => {
    const { world, client, near } = await newCalls();
    const controller = new AbortController();
    const asked = ending(client.with({ signal: controller.signal }).send('never'));
    await world.runtime.settle();

    controller.abort();

    expect(await asked).toBe('cancelled/unknown');
    expect(near.sent.at(-1)).toContain('cancel');
    await world.close();
  });

  it('keeps a call from being sent when it is aborted already', async () => {
    const { world, client, near } = await newCalls();
    const sent = near.sent.length;

    const asked = client.with({ signal: AbortSignal.abort() }).send('echo');

    expect(await ending(asked)).toBe('cancelled/no');
    expect(near.sent).toHaveLength(sent);
    await world.close();
  });

  it('is listened to while the call is open, and no longer', async () => {
    const { world, client } = await newCalls();
    const signal = new CountingSignal();
    const settled = client.with({ signal }).send('echo');
    const late = ending(client.with({ signal, timeoutMs: 64 }).send('never'));
    expect(signal.listeners).toBe(2);

    await world.run(settled);
    expect(signal.listeners).toBe(1);

    await world.runtime.advance(200);
    expect([await late, signal.listeners]).toEqual(['timeout/unknown', 0]);
    await world.close();
  });

  it('is not listened to for a call that was settled within the sending, or refused', async () => {
    const { world, client, near } = await newCalls();
    const signal = new CountingSignal();
    near.send = () => near.close(1006, '');

    const lost = ending(client.with({ signal }).send('never'));
    const refused = ending(client.with({ signal }).send('never'));

    expect(await lost).toBe('closed/unknown');
    expect(await refused).toBe('closed/no');
    expect(signal.listeners).toBe(0);
    await world.close();
  });

  it('gives up calls between nodes as well', async () => {
    const { world, server, node } = await newCalls();
    server.on('never', () => new Promise(() => {}));
    const controller = new AbortController();
    const asked = ending(node.with({ signal: controller.signal }).send('me', 'never'));
    await world.runtime.settle();

    controller.abort();

    expect(await asked).toBe('cancelled/unknown');
    await world.close();
  });
});

it('refuses at home what no end would read, so that the caller is told at once', async () => {
  const world = new World();
  const server = await world.server();
  const { client } = await world.connect(server);
  const polluting: unknown = JSON.parse('{"__proto__":{"x":1}}');
  let deep: unknown = 1;
  for (let i = 0; i < 600; i += 1) deep = [deep];
  server.client.on('give', () => polluting);

  expect(await ending(client.send('take', polluting))).toBe('invalid/no');
  expect(await ending(client.send('take', deep))).toBe('invalid/no');
  expect(() => client.emit('take', polluting)).toThrow(
    expect.objectContaining({ subtype: 'invalid' }),
  );
  expect(await world.run(ending(client.send('give')))).toBe('invalid/yes');
  await world.close();
});

it('takes no default time that could never be waited', async () => {
  const [socket] = PairedSocket.pair();

  for (const requestTimeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    await expect(createServer({ requestTimeoutMs })).rejects.toThrow(TypeError);
    expect(() => createClient(socket, { requestTimeoutMs })).toThrow(TypeError);
  }
});
