import { describe, expect, it } from 'vitest';
import { dial, gate, refusedWith, type Started, start } from './fixture.ts';
import { jsonFrame, RawClient, textFrame, upgradeRequest } from './raw.ts';

const ASK = { type: 'request', correlationId: 'first', name: 'echo', args: [1] };
const ANSWER = { type: 'response', correlationId: 'first', result: 1 };

async function startEcho(options: Parameters<typeof start>[0] = {}): Promise<Started> {
  const started = await start(options);
  started.server.client.on('echo', (_ctx, value) => value);
  return started;
}

/** With the name of our dialect `init` comes at once, without a name a little later. */
const HEADERS: [string, Record<string, string>][] = [
  ['named', { 'Sec-WebSocket-Protocol': 'swarm.json' }],
  ['unnamed', {}],
];

describe.each(HEADERS)(
  'the first frame of a client with a dialect that is %s',
  (_which, headers) => {
    it('is answered when it comes with the upgrade, before the 101', async () => {
      const { listener } = await startEcho();
      const raw = await RawClient.connect(listener.port);

      raw.socket.write(Buffer.concat([Buffer.from(upgradeRequest('/', headers)), jsonFrame(ASK)]));

      expect(await raw.status()).toBe(101);
      expect(await raw.json()).toMatchObject({ type: 'init' });
      expect(await raw.json()).toEqual(ANSWER);
    });

    it('is answered when it comes right behind the 101', async () => {
      const { listener } = await startEcho();
      const raw = await RawClient.connect(listener.port);
      raw.socket.once('data', () => raw.socket.write(jsonFrame(ASK)));

      raw.socket.write(upgradeRequest('/', headers));

      expect(await raw.status()).toBe(101);
      expect(await raw.json()).toMatchObject({ type: 'init' });
      expect(await raw.json()).toEqual(ANSWER);
    });

    it('is answered when `accept` and the announcement of the id take their time', async () => {
      const decision = gate();
      const { listener, url } = await startEcho({
        accept: async () => {
          await decision.promise;
          return { id: 'ann' };
        },
      });
      const raw = await RawClient.connect(listener.port);

      raw.socket.write(upgradeRequest('/', headers));
      raw.socket.write(jsonFrame(ASK));
      await fetch(url.replace('ws:', 'http:'));
      raw.socket.write(jsonFrame({ ...ASK, correlationId: 'second' }));
      decision.open();

      expect(await raw.status()).toBe(101);
      expect(await raw.json()).toMatchObject({ type: 'init' });
      expect(await raw.json()).toEqual(ANSWER);
      expect(await raw.json()).toEqual({ ...ANSWER, correlationId: 'second' });
    });
  },
);

describe('the upgrade', () => {
  it('names our dialect only to who offered it', async () => {
    const { listener } = await startEcho();
    const heads: string[] = [];
    for (const protocol of ['other', 'other, swarm.json', 'swarm.json']) {
      const raw = await RawClient.connect(listener.port);
      raw.socket.write(upgradeRequest('/', { 'Sec-WebSocket-Protocol': protocol }));
      heads.push((await raw.head()).toLowerCase());
    }

    expect(heads.map((head) => /sec-websocket-protocol: (\S+)/.exec(head)?.[1])).toEqual([
      undefined,
      'swarm.json',
      'swarm.json',
    ]);
  });

  it('may come byte by byte', async () => {
    const { listener } = await startEcho();
    const raw = await RawClient.connect(listener.port);
    raw.socket.setNoDelay(true);

    const bytes = Buffer.concat([Buffer.from(upgradeRequest()), jsonFrame(ASK)]);
    for (const byte of bytes) raw.socket.write(Buffer.from([byte]));

    expect(await raw.status()).toBe(101);
    expect(await raw.json()).toMatchObject({ type: 'init' });
    expect(await raw.json()).toEqual(ANSWER);
  });

  it.each<[string, number, Record<string, string>]>([
    ['has no key', 400, { 'Sec-WebSocket-Key': '' }],
    ['has a version nobody speaks', 400, { 'Sec-WebSocket-Version': '7' }],
    ['is to something else', 400, { Upgrade: 'h2c' }],
    ['has subprotocols that are none', 400, { 'Sec-WebSocket-Protocol': 'a,,b' }],
  ])('is refused when it %s', async (_what, status, headers) => {
    const { server, listener, url } = await startEcho();
    const raw = await RawClient.connect(listener.port);

    raw.socket.write(upgradeRequest('/', headers));

    expect(await raw.status()).toBe(status);
    expect(server.nodes.size).toBe(0);
    expect(await dial(url).send('echo', 2)).toBe(2);
  });

  it('offers no compression', async () => {
    const { listener } = await startEcho();
    const raw = await RawClient.connect(listener.port);

    raw.socket.write(upgradeRequest('/', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }));

    const head = (await raw.head()).toLowerCase();
    expect(head).toContain(' 101 ');
    expect(head).not.toContain('sec-websocket-extensions');
  });

  it('with a frame that is not masked is closed with 1002, and others go on', async () => {
    const { listener, url } = await startEcho();
    const client = dial(url);
    await client.ready();
    const raw = await RawClient.connect(listener.port);

    raw.socket.write(upgradeRequest());
    raw.socket.write(textFrame('{"type":"ping","correlationId":1}', { isMasked: false }));

    expect(await raw.status()).toBe(101);
    expect(await raw.closeCode()).toBe(1002);
    expect(await client.send('echo', 3)).toBe(3);
  });

  it('that is followed by headers without end is refused with 431', async () => {
    const { listener } = await startEcho();
    const raw = await RawClient.connect(listener.port);

    raw.socket.write(upgradeRequest('/', { Cookie: 'x'.repeat(10_000) }));

    expect(await raw.status()).toBe(431);
    expect(await refusedWith(`ws://127.0.0.1:${listener.port}/${'x'.repeat(10_000)}`)).toBe(431);
  });
});
