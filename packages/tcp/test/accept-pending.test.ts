import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Acceptance, Hello } from '../src/index.ts';
import { dial, gate, listenTo, next, start, watchUncaught } from './fixture.ts';
import { hello, RawEnd, refusedWith } from './raw.ts';

describe('while `accept` decides', () => {
  it('a client that resets leaves no node and no error', async () => {
    const errors = watchUncaught();
    const gone = gate();
    const { server, listener, url } = await start({
      accept: async ({ url, socket }) => {
        // Not by `once`, which would listen to errors too.
        if (url !== '/second') await new Promise((resolve) => socket.on('close', resolve));
        if (url !== '/second') gone.open();
        return { id: url };
      },
    });
    const raw = await RawEnd.connect(listener.port);
    raw.stream.write(hello({ url: '/first' }));
    await dial(`${url}/second`).ready();

    raw.stream.resetAndDestroy();
    await gone.promise;

    await dial(`${url}/second`).ready();
    expect([...server.nodes.keys()]).toEqual(['/second']);
    expect(errors).toEqual([]);
  });

  it('a client that hangs up has left when the decision comes', async () => {
    const decision = gate<Acceptance>();
    const { server, listener, url } = await start({
      accept: ({ url }) => (url === '/second' ? {} : decision.promise),
    });
    const raw = await RawEnd.connect(listener.port);
    raw.stream.end(hello({ url: '/first' }));
    await dial(`${url}/second`).ready();

    decision.open({});
    await raw.closed;

    await dial(`${url}/second`).ready();
    expect(server.nodes.size).toBe(2);
  });

  it('what the client sends behind its hello waits, and is answered in order', async () => {
    const decision = gate();
    const { server, listener, url } = await start({
      accept: async ({ url }) => {
        if (url !== '/second') await decision.promise;
        return {};
      },
    });
    server.client.on('echo', (_ctx, value) => value);
    const raw = await RawEnd.connect(listener.port);
    const ask = (i: number) => ({ type: 'request', correlationId: i, name: 'echo', args: [i] });

    raw.stream.cork();
    raw.stream.write(hello());
    raw.send(ask(1));
    raw.stream.uncork();
    await dial(`${url}/second`).ready();
    raw.send(ask(2));
    decision.open();

    expect((await raw.frame()).payload).toHaveLength(0);
    expect(await raw.json()).toMatchObject({ type: 'init' });
    for (const i of [1, 2]) expect(await raw.json()).toMatchObject({ type: 'response', result: i });
  });

  it('a client cannot make us keep what it sends meanwhile', async () => {
    const decision = gate();
    const streams: Hello['socket'][] = [];
    const { listener } = await start({
      accept: async ({ socket }) => {
        streams.push(socket);
        await decision.promise;
        return {};
      },
    });
    const raw = await RawEnd.connect(listener.port);
    raw.stream.write(hello());
    const block = Buffer.alloc(65_536);

    // Until neither the server nor the network takes any more.
    while (raw.stream.write(block) || (await drains(raw))) {}

    const [stream] = streams;
    expect(stream?.readableLength).toBeLessThan(262_144);
    decision.open();
    await raw.closed;
  });

  it('a client is not let in by a listener that is closed meanwhile, even by `accept`', async () => {
    const { server } = await start();
    const { listener } = await listenTo(server, {
      accept: () => {
        void listener.close();
        return {};
      },
    });

    expect(await refusedWith(listener.port, hello())).toBe(503);

    await listener.close();
    expect(server.nodes.size).toBe(0);
  });

  it('more than pendingConnectionsMax are refused with 503', async () => {
    const [decision, asked] = [gate<Acceptance>(), gate()];
    const { server, listener, url } = await start(
      {
        accept: () => {
          asked.open();
          return decision.promise;
        },
      },
      { limits: { pendingConnectionsMax: 1 } },
    );
    const first = await RawEnd.connect(listener.port);
    first.stream.write(hello());
    await asked.promise;
    const refused = next(server.events, 'refused');

    expect(await refusedWith(listener.port, hello())).toBe(503);

    expect((await refused)[0]).toEqual({ status: 503, cause: 'pendingConnectionsMax' });
    decision.open({});
    expect((await first.frame()).payload).toHaveLength(0);
    await dial(url).ready();
    expect(server.nodes.size).toBe(2);
  });
});

/** Whether the stream takes more within a time in which a loopback always would. */
async function drains({ stream }: RawEnd): Promise<boolean> {
  const signal = AbortSignal.timeout(100);
  return once(stream, 'drain', { signal }).then(
    () => true,
    () => false,
  );
}
