import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../src/codec.ts';
import { LIMITS, type LinkHost, memory, platformRuntime } from '../src/index.ts';
import { FakeRuntime } from './runtime.ts';

class Host implements LinkHost {
  readonly inbox: string;
  readonly frameBytesMax: number = LIMITS.swarmFrameBytesMax;
  readonly heard: string[] = [];
  readonly undelivered: number[] = [];
  readonly pressures: boolean[] = [];
  readonly losses: unknown[] = [];

  constructor(inbox: string) {
    this.inbox = inbox;
  }

  deliver(subject: string, payload: Uint8Array): void {
    this.heard.push(`${subject} ${new TextDecoder().decode(payload)}`);
  }

  undeliverable(token: number): void {
    this.undelivered.push(token);
  }

  pressure(on: boolean): void {
    this.pressures.push(on);
  }

  healed(): void {}

  lost(cause: unknown): void {
    this.losses.push(cause);
  }
}

let swarms = 0;

/** Two hosts in one swarm that nobody else is in. */
async function newSwarm() {
  const runtime = new FakeRuntime();
  swarms += 1;
  const swarm = memory(`memory:test-${swarms}`, runtime);
  const [a, b] = [new Host('a'), new Host('b')];
  const [linkA, linkB] = [await swarm.connect(a), await swarm.connect(b)];
  return { runtime, swarm, a, b, linkA, linkB };
}

describe('the memory swarm', () => {
  it('is named by URLs of its scheme only', () => {
    expect(memory.schemes).toEqual(['memory:']);
    expect(memory().name).toBe('memory');
    expect(() => memory('redis://localhost')).toThrow(TypeError);
  });

  it('delivers to those who listen, at the end of the turn, in order', async () => {
    const { runtime, a, b, linkA, linkB } = await newSwarm();
    await linkB.subscribe(['x', 'y']);

    linkA.publish('b', encodeUtf8('1'), 1);
    linkA.publish('x', encodeUtf8('2'), 2);
    linkB.publish('a', encodeUtf8('3'), 3);
    linkA.publish('y', encodeUtf8('4'), 4);
    expect(b.heard).toEqual([]);
    runtime.runMicrotasks();

    expect(b.heard).toEqual(['b 1', 'x 2', 'y 4']);
    expect(a.heard).toEqual(['a 3']);
    expect([a.undelivered, b.undelivered]).toEqual([[], []]);
  });

  it('delivers to everybody who listens, oneself included', async () => {
    const { runtime, a, b, linkA, linkB } = await newSwarm();
    await linkA.subscribe(['x']);
    await linkB.subscribe(['x']);

    linkA.publish('x', encodeUtf8('1'), 1);
    runtime.runMicrotasks();

    expect([a.heard, b.heard]).toEqual([['x 1'], ['x 1']]);
  });

  it('tells the sender, and only the sender, that nobody listens', async () => {
    const { runtime, a, b, linkA, linkB } = await newSwarm();
    await linkB.subscribe(['x']);
    await linkB.unsubscribe(['x', 'never']);

    linkA.publish('x', encodeUtf8('1'), 7);
    runtime.runMicrotasks();

    expect([a.undelivered, b.undelivered, b.heard]).toEqual([[7], [], []]);
  });

  it('goes on for a subject that one of two has left', async () => {
    const { runtime, a, linkA, linkB } = await newSwarm();
    await linkA.subscribe(['x']);
    await linkB.subscribe(['x']);
    await linkB.unsubscribe(['x']);

    linkB.publish('x', encodeUtf8('1'), 1);
    runtime.runMicrotasks();

    expect(a.heard).toEqual(['x 1']);
  });

  it('neither hears nor says anything after close', async () => {
    const { runtime, a, b, linkA, linkB } = await newSwarm();
    linkA.publish('b', encodeUtf8('before'), 1);
    linkB.publish('gone', encodeUtf8('before'), 2);

    await linkB.close();
    await linkB.close();
    await expect(linkB.subscribe(['x'])).rejects.toMatchObject({ subtype: 'closed' });
    linkB.publish('a', encodeUtf8('after'), 3);
    linkA.publish('x', encodeUtf8('after'), 4);
    runtime.runMicrotasks();

    expect([b.heard, b.undelivered, a.heard]).toEqual([[], [], []]);
    expect(a.undelivered).toEqual([1, 4]);
  });

  it('is one for all that name it, and another for those who do not', async () => {
    const { runtime, a, linkA } = await newSwarm();
    const [same, other] = [new Host('same'), new Host('other')];
    await memory(`memory:test-${swarms}`, runtime).connect(same);
    await memory('memory:elsewhere', runtime).connect(other);

    linkA.publish('same', encodeUtf8('1'), 1);
    linkA.publish('other', encodeUtf8('2'), 2);
    runtime.runMicrotasks();

    expect([same.heard, other.heard, a.undelivered]).toEqual([['same 1'], [], [2]]);
  });

  it('begins anew when the last has left', async () => {
    const { runtime, swarm, linkA, linkB } = await newSwarm();
    await linkA.subscribe(['x']);
    await linkA.close();
    await linkB.close();

    const host = new Host('a');
    const link = await swarm.connect(host);
    link.publish('x', encodeUtf8('1'), 5);
    runtime.runMicrotasks();

    expect(host.undelivered).toEqual([5]);
  });

  it('swarmFrameBytesMax: carries no byte more', async () => {
    const { runtime, swarm, b, linkA } = await newSwarm();
    const max = LIMITS.swarmFrameBytesMax;
    expect(swarm.capabilities).toEqual({ frameBytesMax: max, detectsNoReceiver: true });

    linkA.publish('b', new Uint8Array(max), 1);
    expect(() => linkA.publish('b', new Uint8Array(max + 1), 2)).toThrow(TypeError);
    runtime.runMicrotasks();

    expect(b.heard).toHaveLength(1);
  });

  it('turnMessagesMax: pushes back while so many wait, once, and says when they are gone', async () => {
    const { runtime, a, b, linkA } = await newSwarm();
    const nothing = new Uint8Array();
    for (let i = 1; i < LIMITS.turnMessagesMax; i += 1) linkA.publish('nobody', nothing, i);
    expect(a.pressures).toEqual([]);

    linkA.publish('nobody', nothing, 1);
    linkA.publish('nobody', nothing, 1);
    expect([a.pressures, b.pressures]).toEqual([[true], [true]]);

    runtime.runMicrotasks();
    expect([a.pressures, b.pressures]).toEqual([
      [true, false],
      [true, false],
    ]);
    expect(a.undelivered).toHaveLength(LIMITS.turnMessagesMax + 1);
  });

  it('runs on the platform’s turns by itself', async () => {
    const host = new Host('here');
    const link = await memory('memory:platform').connect(host);

    link.publish('here', encodeUtf8('1'), 1);
    await new Promise<void>((resolve) => platformRuntime.microtask(resolve));

    expect(host.heard).toEqual(['here 1']);
    await link.close();
  });

  it('is lost at once by all when it is cut, with what was on its way', async () => {
    const { runtime, swarm, a, b, linkA, linkB } = await newSwarm();
    linkA.publish('b', encodeUtf8('never'), 1);

    swarm.cut();
    swarm.cut();
    runtime.runMicrotasks();
    linkB.publish('a', encodeUtf8('never'), 2);
    runtime.runMicrotasks();

    expect([a.losses.length, b.losses.length]).toEqual([1, 1]);
    expect([...a.heard, ...b.heard, ...a.undelivered, ...b.undelivered]).toEqual([]);
  });

  it('has no verdict for the token 0', async () => {
    const { runtime, a, linkA } = await newSwarm();

    linkA.publish('nobody', encodeUtf8('x'), 0);
    linkA.publish('nobody', encodeUtf8('x'), 7);
    runtime.runMicrotasks();

    expect(a.undelivered).toEqual([7]);
  });
});
