import { describe, expect, it } from 'vitest';
import { type Acceptance, type Hello, type Refusal, refuse } from '../src/index.ts';
import { dial, failure, gate, HOST, next, start, watchUncaught } from './fixture.ts';
import { hello, RawEnd, refusedWith } from './raw.ts';

describe('who comes in', () => {
  it('without `accept` everybody does, with an id of their own', async () => {
    const { server, url } = await start();

    await Promise.all([dial(url).ready(), dial(url).ready()]);

    expect(server.nodes.size).toBe(2);
    const [node] = server.nodes.values();
    expect([node?.auth, node?.data]).toEqual([null, null]);
  });

  it.each([
    ['at once', (acceptance: Acceptance) => acceptance],
    ['later', (acceptance: Acceptance) => Promise.resolve(acceptance)],
  ])('id, auth and data decided %s reach the node', async (_when, decide) => {
    const data = { seen: 0 };
    const { server, url } = await start({
      accept: () => decide({ id: 'ann', auth: { role: 'admin' }, data }),
    });

    await dial(url).ready();

    const node = server.nodes.get('ann');
    expect(node?.auth).toEqual({ role: 'admin' });
    expect(Object.isFrozen(node?.auth)).toBe(true);
    expect(node?.data).toBe(data);
  });

  it('`accept` returning nothing lets in, nameless', async () => {
    const { server, url } = await start({ accept: () => undefined });

    await dial(url).ready();

    expect(server.nodes.size).toBe(1);
  });

  it('is told by URL, headers, dialect and address', async () => {
    const hellos: Hello[] = [];
    const { url } = await start({
      accept: (said) => {
        hellos.push(said);
        return {};
      },
    });

    await dial(`${url}/swarm?room=1`, { headers: { Authorization: 'Bearer é' } }).ready();
    await dial(url).ready();

    const [first, second] = hellos;
    expect(first).toMatchObject({ url: '/swarm?room=1', dialect: 'swarm.1' });
    expect(first?.headers['authorization']).toBe('Bearer é');
    expect(first?.socket.remoteAddress).toBe(HOST);
    expect(second).toMatchObject({ url: '/', headers: {} });
  });

  it('headers have no keys but those that were sent, whatever they are called', async () => {
    const hellos: Hello[] = [];
    const { listener } = await start({
      accept: (said) => {
        hellos.push(said);
        return {};
      },
    });

    await RawEnd.open(listener.port, { headers: JSON.parse('{"__proto__":"x","A":"y"}') });

    const [{ headers } = { headers: {} }] = hellos;
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'x'],
      ['a', 'y'],
    ]);
    expect(headers['constructor']).toBeUndefined();
  });

  it('an id that is taken stays with its owner when the server says `oldest`', async () => {
    const { server, listener, url } = await start(
      { accept: () => ({ id: 'ann' }) },
      { takeover: 'oldest' },
    );
    const first = dial(url);
    await first.ready();

    const second = await RawEnd.connect(listener.port);
    second.stream.write(hello());
    const third = dial(url);

    expect(await second.closeCode()).toBe(4409);
    expect((await next(third.events, 'failed'))[0].subtype).toBe('forbidden');
    expect(server.nodes.size).toBe(1);
    expect((await failure(first.send('still there'))).subtype).toBe('unhandled');
  });

  it('an id no node can have closes the connection, whatever the client sends meanwhile', async () => {
    const errors = watchUncaught();
    const { server, listener } = await start({ accept: ({ url }) => ({ id: url.slice(1) }) });
    const refused = next(server.events, 'refused');
    const raw = await RawEnd.connect(listener.port);

    raw.stream.write(hello({ url: `/${'x'.repeat(200)}` }));
    raw.stream.write(Buffer.from([0, 0, 0, 0]));

    expect((await refused)[0]).toMatchObject({ status: 500, cause: expect.any(TypeError) });
    expect(await raw.closeCode()).toBe(1011);
    await raw.closed;
    expect(server.nodes.size).toBe(0);
    expect(errors).toEqual([]);
  });
});

describe('who does not', () => {
  it.each<[string, number, () => Refusal | Promise<Refusal>]>([
    ['returned', 401, () => refuse(401)],
    ['returned later', 403, async () => refuse(403)],
    ['thrown', 403, () => raise(refuse(403))],
    ['thrown later', 429, async () => raise(refuse(429))],
  ])('a refusal that is %s is the status %i', async (_how, status, accept) => {
    const { server, listener } = await start({ accept });
    const refused = next(server.events, 'refused');

    expect(await refusedWith(listener.port, hello())).toBe(status);

    expect((await refused)[0]).toEqual({ status, cause: null });
    expect(server.nodes.size).toBe(0);
  });

  it.each([
    ['thrown', () => raise(new Error('no database'))],
    ['thrown later', async () => raise(new Error('no database'))],
  ])('another error that is %s is a 500, and its cause stays here', async (_how, accept) => {
    const errors = watchUncaught();
    const { server, listener } = await start({ accept });
    const refused = next(server.events, 'refused');

    expect(await refusedWith(listener.port, hello())).toBe(500);

    expect((await refused)[0]).toMatchObject({ status: 500, cause: { message: 'no database' } });
    expect(errors).toEqual([]);
  });

  it('`accept` that does not decide in time is a 408, and what it decides later is void', async () => {
    const decision = gate<Acceptance>();
    const { server, listener } = await start({
      accept: () => decision.promise,
      acceptTimeoutMs: 20,
    });
    const refused = next(server.events, 'refused');

    expect(await refusedWith(listener.port, hello())).toBe(408);

    expect((await refused)[0]).toMatchObject({ status: 408 });
    decision.open({ id: 'late' });
    await decision.promise;
    expect(server.nodes.size).toBe(0);
  });

  it('`refuse` takes HTTP errors only', () => {
    for (const status of [200, 399, 600, 401.5, Number.NaN]) {
      expect(() => refuse(status)).toThrow(TypeError);
    }
  });
});

function raise(thrown: unknown): never {
  throw thrown;
}
