import { describe, expect, it } from 'vitest';
import { swarmJson } from '../src/index.ts';
import { toValue } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { World } from './world.ts';

/** A server, and sockets that note when `init` comes. */
async function newOpening() {
  const world = new World();
  const { runtime } = world;
  const server = await world.server();
  const inits: string[] = [];
  const create = async (name: string, dialect?: typeof swarmJson) => {
    const [near, far] = PairedSocket.pair();
    near.attach({
      message: (message) => inits.push(`${name} ${JSON.stringify(toValue(message))}`),
      closed: () => inits.push(`${name} closed`),
    });
    await server.createNode(far, { dialect });
    return far;
  };
  const startMs = runtime.nowMs();
  const initsAt = async (ms: number) => {
    await runtime.advance(startMs + ms - runtime.nowMs());
    return inits.splice(0).map((entry) => entry.replace(/ \{"type":"init".*$/, ''));
  };
  return { world, runtime, server, create, initsAt };
}

describe('Opening', () => {
  it('waits for the code that awaits the node, and no longer where a dialect was named', async () => {
    const { world, create, initsAt, runtime } = await newOpening();

    await create('a', swarmJson);
    await runtime.settle();
    expect(await initsAt(0)).toEqual(['a']);

    await world.close();
  });

  it('waits 20 ms for a client that named no dialect, not one millisecond less', async () => {
    const { world, create, initsAt } = await newOpening();
    await create('old');

    expect(await initsAt(19)).toEqual([]);
    expect(await initsAt(20)).toEqual(['old']);

    await world.close();
  });

  it('opens each in its time, with one timer for all', async () => {
    const { world, runtime, create, initsAt } = await newOpening();
    const before = runtime.timers;
    await create('old');
    expect(await initsAt(5)).toEqual([]);
    await create('second old');
    await create('new', swarmJson);
    await create('second new', swarmJson);
    expect(runtime.timers).toBe(before + 1);

    expect(await initsAt(5)).toEqual(['new', 'second new']);
    expect(await initsAt(20)).toEqual(['old']);
    expect(await initsAt(24)).toEqual([]);
    expect(await initsAt(25)).toEqual(['second old']);
    expect(runtime.timers).toBe(before);

    await world.close();
  });

  it('opens all that are due after the loop was held up, in order', async () => {
    const { world, runtime, create, initsAt } = await newOpening();
    await create('a');
    await create('b');
    runtime.stall(100);

    expect(await initsAt(100)).toEqual(['a', 'b']);

    await world.close();
  });

  it('does not open a node that was closed meanwhile', async () => {
    const { world, create, initsAt } = await newOpening();
    const socket = await create('a');

    socket.close(1006, '');

    expect(await initsAt(50)).toEqual(['a closed']);
    await world.close();
  });

  it('leaves no timer when the server closes', async () => {
    const { world, runtime, server, create, initsAt } = await newOpening();
    await create('a');

    await server.close();

    expect(runtime.timers).toBe(0);
    expect(await initsAt(50)).toEqual(['a closed']);
    await world.close();
  });
});
