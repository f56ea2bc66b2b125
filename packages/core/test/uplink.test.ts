import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import {
  createServer,
  type LinkHost,
  memory,
  platformRuntime,
  type Runtime,
  type Swarm,
  SwarmError,
} from '../src/index.ts';
import { LINK_TIMEOUT_MS } from '../src/machine/supervisor.ts';
import { encodeSwarmFrame, frameTo } from '../src/swarm-frame.ts';
import { framesIn, nth, OTHER, refusal } from './hosts.ts';
import { PairedSocket } from './pair.ts';
import { FakeRuntime } from './runtime.ts';
import { TamperedSwarm } from './tampered.ts';
import { unhandledDuring } from './unhandled.ts';
import { ending } from './world.ts';

function newSwarm() {
  const runtime = new FakeRuntime();
  const swarm = new TamperedSwarm(runtime);
  const open = () => createServer({ swarm, runtime });
  /** Nothing of ours is left in the swarm or in time. */
  const leftovers = () => ({ timers: runtime.timers, links: swarm.made - swarm.closed });
  return { runtime, swarm, open, leftovers };
}

const NOTHING = { timers: 0, links: 0 };

async function newServer() {
  const { runtime, swarm, open, leftovers } = newSwarm();
  const server = await runtime.until(open());
  const log: string[] = [];
  const delays: number[] = [];
  server.events.on('linked', () => log.push('linked'));
  server.events.on('unlinked', (cause) => log.push(`unlinked ${(cause as Error).message}`));
  server.events.on('relinking', ({ attempt, delayMs, cause }) => {
    log.push(`relinking ${attempt} ${(cause as Error).message}`);
    delays.push(delayMs);
  });
  const close = async () => {
    await server.close();
    await runtime.settle();
    expect(leftovers()).toEqual(NOTHING);
  };
  return { runtime, swarm, server, log, delays, leftovers, close };
}

/** The subjects and ids of claims that are published from now on. */
function claimsOf(swarm: TamperedSwarm): string[] {
  const claims: string[] = [];
  swarm.swallows = (subject, payload) => {
    for (const { kind, to } of framesIn(payload)) {
      if (kind === 'claim') claims.push(`${subject}: ${to}`);
    }
    return false;
  };
  return claims;
}

/** Until the next attempt has been made. */
const SOON_MS = 50;

function never(): Promise<never> {
  return new Promise(() => {});
}

describe('a server that opens its first link', () => {
  it('rejects with the error of the adapter as it is', async () => {
    const { runtime, swarm, open, leftovers } = newSwarm();
    const error = new SwarmError('wrong password', { subtype: 'unauthorized', delivered: 'no' });
    swarm.onConnect = () => Promise.reject(error);

    await expect(runtime.until(open())).rejects.toBe(error);

    expect(leftovers()).toEqual(NOTHING);
  });

  it('rejects with one that names the adapter when there is only an error of the platform', async () => {
    const { runtime, swarm, open } = newSwarm();
    const cause = new Error('ECONNREFUSED');
    swarm.onConnect = () => Promise.reject(cause);
    const connect = () => {
      throw cause;
    };
    const throwing: Swarm = { name: 'throwing', capabilities: swarm.capabilities, connect };

    const errors = [
      await runtime.until(open().catch((error: unknown) => error)),
      await runtime.until(createServer({ swarm: throwing, runtime }).catch((error) => error)),
    ];

    for (const error of errors) expect(error).toMatchObject({ ...refusal('closed', 'no'), cause });
    expect(errors.map(String)).toEqual([
      expect.stringMatching(/tampered: .*ECONNREFUSED/),
      expect.stringMatching(/throwing: .*ECONNREFUSED/),
    ]);
    await runtime.advance(60_000);
    expect(swarm.hosts).toHaveLength(1);
  });

  it('gives up a broker that does not answer, and closes the link that comes too late', async () => {
    const { runtime, swarm, open, leftovers } = newSwarm();
    let connected = () => {};
    swarm.onConnect = () => new Promise((resolve) => (connected = resolve));
    const end = track(open());

    await runtime.advance(LINK_TIMEOUT_MS - 1);
    expect(end.value).toBe('pending');
    await runtime.advance(1);
    expect(end.value).toBe('closed/no');

    connected();
    await runtime.settle();
    expect(swarm.made).toBe(1);
    expect(leftovers()).toEqual(NOTHING);
  });

  it('gives up a link that nothing comes back by, or that is lost at once', async () => {
    const { runtime, swarm, open, leftovers } = newSwarm();
    swarm.swallows = () => true;
    const silent = track(open());
    await runtime.advance(LINK_TIMEOUT_MS - 1);
    expect(silent.value).toBe('pending');
    await runtime.advance(1);
    expect(silent.value).toBe('closed/no');

    const lost = track(open());
    await runtime.settle();
    await swarm.lose();
    await runtime.settle();
    expect(lost.value).toBe('closed/no');

    expect(swarm.made).toBe(2);
    expect(leftovers()).toEqual(NOTHING);
  });

  it('gives up a link that does not let it hear the claims of others', async () => {
    const { runtime, swarm, open, leftovers } = newSwarm();
    swarm.onClaims = () => Promise.reject(new Error('not permitted'));
    const refused = await runtime.until(open().catch((error: unknown) => error));
    expect(String(refused)).toMatch(/tampered: .*not permitted/);

    swarm.onClaims = never;
    const silent = track(open());
    await runtime.advance(LINK_TIMEOUT_MS - 1);
    expect(silent.value).toBe('pending');
    await runtime.advance(1);
    expect(silent.value).toBe('closed/no');

    expect(swarm.made).toBe(2);
    expect(leftovers()).toEqual(NOTHING);
  });

  it('is linked from the start, and stays so for as long as pings come back', async () => {
    const { runtime, server, log, leftovers, close } = await newServer();
    expect(server.isLinked).toBe(true);

    await runtime.advance(60_000);

    expect(log).toEqual([]);
    expect([server.isLinked, leftovers()]).toEqual([true, { timers: 1, links: 1 }]);
    await close();
    expect(server.isLinked).toBe(false);
  });
});

describe('a server whose link is lost', () => {
  it('tells so, dials again, and tells when there is another one', async () => {
    const { runtime, swarm, server, log, delays, leftovers, close } = await newServer();

    await swarm.lose();
    expect(log).toEqual(['unlinked connection reset', 'relinking 1 connection reset']);
    expect([server.isLinked, leftovers()]).toEqual([false, { timers: 1, links: 0 }]);

    await runtime.advance(nth(delays, 0));
    expect(log.slice(2)).toEqual(['linked']);
    expect([server.isLinked, leftovers()]).toEqual([true, { timers: 1, links: 1 }]);
    await close();
  });

  it('finds out by itself about a link that swallows everything', async () => {
    const { runtime, swarm, server, log, leftovers, close } = await newServer();
    swarm.swallows = () => true;

    await runtime.advance(2_999);
    expect([server.isLinked, log]).toEqual([true, []]);
    await runtime.advance(1);
    const cause = 'the broker is silent: no ping came back';
    expect(log).toEqual([`unlinked ${cause}`, `relinking 1 ${cause}`]);

    swarm.swallows = () => false;
    await runtime.advance(SOON_MS);
    expect([log.at(-1), leftovers()]).toEqual(['linked', { timers: 1, links: 1 }]);
    await close();
  });

  it('does not take its own standing still for the silence of the broker', async () => {
    const { runtime, swarm, log, close } = await newServer();
    swarm.swallows = () => true;
    for (let i = 0; i < 5; i += 1) {
      runtime.stall(2_000);
      await runtime.advance(0);
    }
    swarm.swallows = () => false;

    await runtime.advance(10_000);

    expect(log).toEqual([]);
    await close();
  });

  it('tries again and again while the broker is down, ever more rarely', async () => {
    const { runtime, swarm, log, delays, close } = await newServer();
    swarm.onConnect = () => Promise.reject(new Error('refused'));
    await swarm.lose();

    while (delays.length < 40) await runtime.advance(nth(delays, -1));

    expect(log.slice(1)).toEqual(
      delays.map((_, at) => `relinking ${at + 1} ${at === 0 ? 'connection reset' : 'refused'}`),
    );
    const bounds = delays.map((_, at) => Math.min(1_000, 50 * 2 ** at));
    expect(delays.every((delayMs, at) => delayMs < nth(bounds, at))).toBe(true);
    // Chance is full: neither close to the bound nor to nothing.
    expect(Math.max(...delays)).toBeGreaterThan(900);
    expect(Math.min(...delays.slice(5))).toBeLessThan(100);

    swarm.onConnect = async () => {};
    await runtime.advance(1_000);
    expect(log.at(-1)).toBe('linked');
    await close();
  });

  it('closes a link that comes after it was given up, and uses the next one', async () => {
    const { runtime, swarm, log, leftovers, close } = await newServer();
    let connected = () => {};
    swarm.onConnect = () => new Promise((resolve) => (connected = resolve));
    await swarm.lose();
    await runtime.advance(SOON_MS);
    swarm.onConnect = async () => {};
    await runtime.advance(LINK_TIMEOUT_MS + 100);
    expect(log.at(-1)).toBe('linked');

    connected();
    await runtime.settle();

    expect([swarm.made, leftovers()]).toEqual([3, { timers: 1, links: 1 }]);
    await close();
  });

  it('listens no more to what links say that are over', async () => {
    const { runtime, swarm, server, log, close } = await newServer();
    await server.createNode(PairedSocket.pair()[1], { id: 'here' });
    server.on('moved', () => log.push('moved'));
    await swarm.lose();
    await runtime.advance(SOON_MS);
    const [old, present] = [nth(swarm.hosts, 0), nth(swarm.hosts, 1)];
    const frame = { ...frameTo('event', OTHER, 'here'), name: 'moved', body: Body.of([]) };
    const event = encodeSwarmFrame(frame);
    log.splice(0);

    old.lost(new Error('again'));
    old.pressure(true);
    old.deliver('swarm.n.here', event);
    await runtime.advance(5_000);
    expect(log).toEqual([]);
    expect(await runtime.until(ending(server.send('nobody', 'load')))).toBe('unreachable/no');

    present.deliver('swarm.n.here', event);
    await runtime.settle();
    expect(log).toEqual(['moved']);
    await close();
  });

  it.each([
    [false, 'swarm.n.one'],
    [true, 'swarm.c'],
  ])('claims an id where others listen, gradual or not: %s', async (isGradual, subject) => {
    const { runtime, swarm, server, close } = await newServer();
    swarm.isGradual = isGradual;
    await swarm.lose();
    await runtime.advance(SOON_MS);
    const claims = claimsOf(swarm);

    await runtime.until(server.createNode(PairedSocket.pair()[1], { id: 'one' }));
    await runtime.settle();

    expect(claims).toEqual([`${subject}: one`]);
    await close();
  });

  it('claims all it has again when servers of the broker have found each other', async () => {
    const { runtime, swarm, server, close } = await newServer();
    const nodes = ['one', 'two', 'three'].map((id) => {
      return runtime.until(server.createNode(PairedSocket.pair()[1], { id }));
    });
    const [one] = await Promise.all(nodes);
    one?.close();
    await runtime.settle();
    const claims = claimsOf(swarm);

    nth(swarm.hosts, 0).healed();
    await runtime.settle();
    expect(claims.splice(0)).toEqual(['swarm.c: two', 'swarm.c: three']);

    await swarm.lose();
    nth(swarm.hosts, 0).healed();
    await runtime.settle();
    expect(claims).toEqual([]);
    await close();
  });

  it('does not keep the pressure of a link that never became one', async () => {
    const { runtime, swarm, server, log, close } = await newServer();
    await swarm.lose();
    swarm.swallows = () => true;
    await runtime.advance(SOON_MS);
    swarm.press(true);
    swarm.swallows = () => false;
    await swarm.lose();
    await runtime.advance(2 * SOON_MS);
    expect(log.at(-1)).toBe('linked');

    expect(await runtime.until(ending(server.send('nobody', 'load')))).toBe('unreachable/no');
    await close();
  });

  it('gives up a link that throws, and settles what it had to send', async () => {
    const { runtime, swarm, server, log, close } = await newServer();
    swarm.swallows = () => {
      throw new TypeError('not now');
    };

    const asked = ending(server.send('nobody', 'load'));

    expect(await runtime.until(asked)).toBe('closed/unknown');
    expect(log).toEqual(['unlinked not now', 'relinking 1 not now']);
    swarm.swallows = () => false;
    await runtime.advance(SOON_MS);
    expect(log.at(-1)).toBe('linked');
    await close();
  });

  it('is not harmed by a link that does not close well', async () => {
    const { runtime, swarm, log, close } = await newServer();
    const badEnds = [
      () => Promise.reject(new Error('reset')),
      () => {
        throw new Error('already closed');
      },
    ];

    for (const onClose of badEnds) {
      swarm.onClose = onClose;
      const unhandled = await unhandledDuring(async () => {
        await swarm.lose();
        await runtime.advance(SOON_MS);
      });
      expect([unhandled, log.at(-1)]).toEqual([[], 'linked']);
    }

    swarm.onClose = async () => {};
    await close();
  });

  it('does not blame the broker for what was late because the loop stood still', async () => {
    const own = memory('memory:late');
    // All times are a tenth, and hearing from the broker takes the system.
    const runtime: Runtime = {
      ...platformRuntime,
      nowMs: () => platformRuntime.nowMs() * 10,
      setTimer: (callback, delayMs) => platformRuntime.setTimer(callback, delayMs / 10),
    };
    const connect = async (host: LinkHost) => {
      await readFile(new URL(import.meta.url));
      return own.connect(host);
    };

    const opening = createServer({ swarm: { ...own, connect }, runtime });
    const endMs = performance.now() + (2 * LINK_TIMEOUT_MS) / 10;
    while (performance.now() < endMs);

    const server = await opening;
    expect(server.isLinked).toBe(true);
    await server.close();
  });
});

describe('a server that is closed without a link', () => {
  it.each(['waiting', 'dialing', 'probing'] as const)('stops %s for one', async (state) => {
    const { runtime, swarm, server, log, leftovers } = await newServer();
    let connected = () => {};
    if (state === 'dialing')
      swarm.onConnect = () => new Promise((resolve) => (connected = resolve));
    if (state === 'probing') swarm.swallows = () => true;
    await swarm.lose();
    if (state !== 'waiting') await runtime.advance(SOON_MS);
    expect([server.isLinked, runtime.timers]).toEqual([false, 1]);
    const before = log.length;

    const closed = track(server.close());
    await runtime.settle();
    expect(closed.value).toBe(state === 'dialing' ? 'pending' : undefined);
    connected();
    await runtime.settle();
    expect([closed.value, leftovers()]).toEqual([undefined, NOTHING]);
    await runtime.advance(10_000);

    expect([log.slice(before), leftovers()]).toEqual([[], NOTHING]);
    expect(swarm.hosts).toHaveLength(state === 'waiting' ? 1 : 2);
  });

  it('waits for an attempt no longer than that may take, and closes what comes later', async () => {
    const { runtime, swarm, server, leftovers } = await newServer();
    let connected = () => {};
    swarm.onConnect = () => new Promise((resolve) => (connected = resolve));
    await swarm.lose();
    await runtime.advance(SOON_MS);
    const closed = track(server.close());

    await runtime.advance(LINK_TIMEOUT_MS - 1);
    expect(closed.value).toBe('pending');
    await runtime.advance(1);
    expect([closed.value, runtime.timers]).toEqual([undefined, 0]);

    connected();
    await runtime.settle();
    expect(leftovers()).toEqual(NOTHING);
  });

  it.each(['unlinked', 'relinking', 'linked'] as const)(
    'may be so when told: %s',
    async (event) => {
      const { runtime, swarm, server, log, leftovers } = await newServer();
      server.events.on(event, () => void server.close());

      await swarm.lose();
      await runtime.advance(10_000);

      expect(log.at(-1)).toMatch(event);
      expect([server.isOpen, leftovers()]).toEqual([false, NOTHING]);
    },
  );

  it('leaves nothing running although a call of the link never ends', async () => {
    const { runtime, swarm, server, leftovers } = await newServer();
    swarm.onSubscribe = never;
    const made = ending(server.createNode(PairedSocket.pair()[1], { id: 'id' }));
    await runtime.settle();

    await server.close();

    expect(await runtime.until(made)).toBe('closed/no');
    expect(leftovers()).toEqual(NOTHING);
  });
});

function track(promise: Promise<unknown>): { readonly value: unknown } {
  const tracked: { value: unknown } = { value: 'pending' };
  void ending(promise).then((value) => (tracked.value = value));
  return tracked;
}
