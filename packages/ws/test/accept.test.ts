import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type Acceptance, type Refusal, refuse } from '../src/index.ts';
import {
  dial,
  failure,
  gate,
  next,
  openPlain,
  refusedWith,
  start,
  watchUncaught,
} from './fixture.ts';
import { RawClient, textFrame, upgradeRequest } from './raw.ts';

/** A promise of another library: everything the type asks for, but no instance of `Promise`. */
class OtherPromise<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'OtherPromise';
  readonly #inner: Promise<T>;

  constructor(inner: Promise<T>) {
    this.#inner = inner;
  }

  // biome-ignore lint/suspicious/noThenProperty: to be one is the point
  get then(): Promise<T>['then'] {
    return this.#inner.then.bind(this.#inner);
  }

  get catch(): Promise<T>['catch'] {
    return this.#inner.catch.bind(this.#inner);
  }

  get finally(): Promise<T>['finally'] {
    return this.#inner.finally.bind(this.#inner);
  }
}

describe('who comes in', () => {
  it('without `accept` everybody does, with an id of their own', async () => {
    const { server, url } = await start();

    await Promise.all([dial(url).ready(), dial(url).ready()]);

    expect(server.nodes.size).toBe(2);
    const [node] = server.nodes.values();
    expect(node?.auth).toBeNull();
    expect(node?.data).toBeNull();
  });

  it.each([
    ['at once', (acceptance: Acceptance) => acceptance],
    ['later', (acceptance: Acceptance) => Promise.resolve(acceptance)],
    [
      'by a promise that is not the platform’s',
      (a: Acceptance) => new OtherPromise(Promise.resolve(a)),
    ],
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

  it('an id that is taken stays with its owner when the server says `oldest`', async () => {
    const { server, url } = await start({ accept: () => ({ id: 'ann' }) }, { takeover: 'oldest' });
    const first = dial(url);
    await first.ready();

    const second = await openPlain(url);
    const third = dial(url);

    expect((await once(second, 'close'))[0]).toBe(4409);
    expect((await next(third.events, 'failed'))[0].subtype).toBe('forbidden');
    expect(server.nodes.size).toBe(1);
    expect((await failure(first.send('still there'))).subtype).toBe('unhandled');
  });

  it('an id no node can have closes the connection, whatever the client sends meanwhile', async () => {
    const uncaught = watchUncaught();
    const { server, listener } = await start({
      accept: ({ url }) => ({ id: url?.slice(1) ?? '' }),
    });
    const refused = next(server.events, 'refused');
    const raw = await RawClient.connect(listener.port);

    // Not masked: `ws` reports an error, and one that nobody listens for ends the process.
    raw.socket.write(upgradeRequest(`/${'x'.repeat(200)}`));
    raw.socket.write(textFrame('{"type":"ping","correlationId":1}', { isMasked: false }));

    expect((await refused)[0].cause).toBeInstanceOf(TypeError);
    expect(await raw.status()).toBe(101);
    expect(await raw.closeCode()).toBe(1011);
    await raw.closed;
    expect(server.nodes.size).toBe(0);
    expect(uncaught.errors).toEqual([]);
  });
});

describe('who does not', () => {
  it.each<[string, number, () => Refusal | Promise<Refusal>]>([
    ['returned', 401, () => refuse(401)],
    ['returned later', 403, async () => refuse(403)],
    ['thrown', 403, () => raise(refuse(403))],
    ['thrown later', 429, async () => raise(refuse(429))],
    ['returned by another promise', 401, () => new OtherPromise(Promise.resolve(refuse(401)))],
  ])('a refusal that is %s is the status %i', async (_how, status, accept) => {
    const { server, url } = await start({ accept });
    const refused = next(server.events, 'refused');

    expect(await refusedWith(url)).toBe(status);

    expect((await refused)[0]).toMatchObject({ status });
    expect(server.nodes.size).toBe(0);
  });

  it.each([
    ['thrown', () => raise(new Error('no database'))],
    ['thrown later', async () => raise(new Error('no database'))],
    ['thrown by another promise', () => new OtherPromise(Promise.reject(new Error('no database')))],
  ])('another error that is %s is a 500, and its cause stays here', async (_how, accept) => {
    const uncaught = watchUncaught();
    const { server, url } = await start({ accept });
    const refused = next(server.events, 'refused');

    const settled = Promise.race([refusedWith(url), uncaught.first]);

    expect(await settled).toBe(500);
    expect((await refused)[0]).toMatchObject({ status: 500, cause: { message: 'no database' } });
  });

  it('`accept` that does not decide in time is a 408, and what it decides later is void', async () => {
    const decision = gate<Acceptance>();
    const { server, url } = await start({ accept: () => decision.promise, acceptTimeoutMs: 20 });
    const refused = next(server.events, 'refused');

    expect(await refusedWith(url)).toBe(408);

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

  it('a page of an origin that is not listed is refused with 403, before `accept`', async () => {
    const asked: (string | undefined)[] = [];
    const { url } = await start({
      origins: ['https://app.example'],
      accept: (request) => {
        asked.push(request.headers.origin);
        return {};
      },
    });

    expect(await refusedWith(url, { origin: 'https://evil.example' })).toBe(403);
    expect(await refusedWith(url, { origin: 'null' })).toBe(403);
    await openPlain(url, [], { origin: 'https://app.example' });
    // Not a browser: `Origin` protects from pages only.
    await openPlain(url);

    expect(asked).toEqual(['https://app.example', undefined]);
  });
});

describe('while `accept` decides', () => {
  /** Decides nothing until the client has gone; a client that asks for `/second` comes in. */
  async function waitForEnd({ url, socket }: IncomingMessage): Promise<Acceptance> {
    // Not by `once`, which would listen to errors too.
    if (url !== '/second') await new Promise((resolve) => socket.on('close', resolve));
    return { id: url ?? '' };
  }

  it('a client that resets leaves no node and no error', async () => {
    const uncaught = watchUncaught();
    const { server, listener, url } = await start({ accept: waitForEnd });
    const raw = await RawClient.connect(listener.port);
    raw.socket.write(upgradeRequest('/first'));
    // Its upgrade has been seen when a later request is answered.
    await fetch(url.replace('ws:', 'http:'));

    raw.socket.resetAndDestroy();

    await dial(`${url}/second`).ready();
    expect([...server.nodes.keys()]).toEqual(['/second']);
    expect(uncaught.errors).toEqual([]);
  });

  it('a client that hangs up has left when the decision comes', async () => {
    const decision = gate<Acceptance>();
    const { server, listener, url } = await start({
      accept: (request) => (request.url === '/second' ? {} : decision.promise),
    });
    const raw = await RawClient.connect(listener.port);
    raw.socket.write(upgradeRequest('/first'));
    raw.socket.end();
    await fetch(url.replace('ws:', 'http:'));

    decision.open({});
    await raw.closed;

    await dial(`${url}/second`).ready();
    expect(server.nodes.size).toBe(1);
  });

  it('a client that tried again keeps its id when its first attempt is decided at last', async () => {
    const decision = gate<Acceptance>();
    let asked = 0;
    const { server, url } = await start({
      accept: () => {
        asked += 1;
        return asked === 1 ? decision.promise : { id: 'ann' };
      },
    });
    server.client.on('echo', (_ctx, value) => value);
    const client = dial(url, { openTimeoutMs: 50 });
    await next(client.events, 'open');

    decision.open({ id: 'ann' });
    await decision.promise;

    await fetch(url.replace('ws:', 'http:'));

    expect(await client.send('echo', 1)).toBe(1);
    expect(asked).toBe(2);
    expect(server.nodes.size).toBe(1);
  });

  it('more than pendingConnectionsMax are refused with 503', async () => {
    const decision = gate<Acceptance>();
    const { server, listener, url } = await start(
      { accept: (request) => (request.url === '/' ? decision.promise : {}) },
      { limits: { pendingConnectionsMax: 1 } },
    );
    const first = await RawClient.connect(listener.port);
    first.socket.write(upgradeRequest('/'));
    await fetch(url.replace('ws:', 'http:'));
    const refused = next(server.events, 'refused');

    expect(await refusedWith(`${url}/second`)).toBe(503);

    expect((await refused)[0]).toMatchObject({ status: 503 });
    decision.open({});
    expect(await first.status()).toBe(101);
    await dial(`${url}/third`).ready();
  });
});

function raise(thrown: unknown): never {
  throw thrown;
}
