import type { LinkHost } from '@swarm/core';
import { expect, it } from 'vitest';
import { Broker } from '../src/sim/broker.ts';
import { Conditions } from '../src/sim/conditions.ts';
import { Coverage } from '../src/sim/coverage.ts';
import { End } from '../src/sim/end.ts';
import type { Latency } from '../src/sim/lane.ts';
import type { ModelLink } from '../src/sim/link.ts';
import { Random } from '../src/sim/random.ts';
import { Timeline } from '../src/sim/timeline.ts';

/** From a link to its server and back, each, and from there to another one, in ms. */
const HOP_MS = 1;
const ROUTE: Latency = { minMs: 20, maxMs: 20 };
/** Longer than anything takes, in ms, but for the second after which a link claims again. */
const QUIET_MS = 200;
const SECOND_MS = 1_000;

/** What a link has told its process. */
interface Seat {
  readonly link: ModelLink;
  readonly inbox: string;
  readonly heard: string[];
  readonly verdicts: number[];
  heals: number;
  onHeard: () => void;
  onHealed: () => void;
}

const EMPTY = new Uint8Array();

/** A broker on which nothing goes wrong by itself, and time that passes when it is told to. */
class Stage {
  readonly broker: Broker;
  readonly #timeline: Timeline;
  #inboxes = 0;

  constructor(servers: number, seed = 1, routeLatency: Latency = ROUTE) {
    const rethrow = (error: unknown): never => {
      throw error;
    };
    this.#timeline = new Timeline(rethrow);
    const latency = { minMs: HOP_MS, maxMs: HOP_MS };
    const network = { servers, latency, routeLatency, hasControlLane: false };
    const closedError = () => new Error('over');
    const config = { ...network, verdicts: 'exact', frameBytesMax: 1_000, closedError } as const;
    const ignore = () => {};
    this.broker = new Broker(
      this.#timeline,
      new Random(seed),
      new Conditions(new Coverage()),
      config,
      {
        ...{ dialed: ignore, published: ignore, sent: ignore, delivered: ignore },
        ...{ givenUp: ignore, repeated: ignore, placed: ignore, healed: ignore },
      },
    );
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.#timeline.nowMs + ms;
    while (this.#timeline.step(untilMs)) await settled();
    this.#timeline.nowMs = untilMs;
  }

  /** A link at this server. */
  async link(server: number): Promise<Seat> {
    for (;;) {
      const seat = await this.#dial();
      if (seat.link.server.number === server) return seat;
      void seat.link.close();
    }
  }

  async #dial(): Promise<Seat> {
    this.#inboxes += 1;
    const inbox = `inbox.${this.#inboxes}`;
    const told = { inbox, heard: [] as string[], verdicts: [] as number[], heals: 0 };
    const deeds = { onHeard: () => {}, onHealed: () => {} };
    const host: LinkHost = {
      inbox,
      frameBytesMax: 1_000,
      deliver: (subject) => {
        seat.heard.push(subject);
        seat.onHeard();
      },
      undeliverable: (token) => seat.verdicts.push(token),
      pressure: () => {},
      healed: () => {
        seat.heals += 1;
        seat.onHealed();
      },
      lost: () => {},
    };
    const end = new End(inbox, this.#timeline, new Random(2), false);
    const link = this.broker.swarmOf(end, 0).connect(host);
    await this.pass(2 * HOP_MS);
    const seat: Seat = Object.assign(told, deeds, { link: (await link) as ModelLink });
    return seat;
  }
}

/** All promises have moved. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Stages on which messages take more or less time from one server to another. */
function uneven(): readonly Stage[] {
  const routeLatency = { minMs: 1, maxMs: 400 };
  return Array.from({ length: 10 }, (_, at) => new Stage(3, at + 1, routeLatency));
}

/** Two links at different servers that have known each other for some time. */
async function parties(stage: Stage): Promise<readonly [Seat, Seat]> {
  const [near, far] = [await stage.link(0), await stage.link(1)];
  await stage.pass(SECOND_MS / 2);
  return [near, far];
}

it('what a link hears counts at its own server at once, at the others in time; no verdict is false', async () => {
  const stage = new Stage(3);
  const [near, far] = await parties(stage);
  const neighbour = await stage.link(1);

  void far.link.subscribe(['a']);
  await stage.pass(2 * HOP_MS);
  near.link.publish('a', EMPTY, 1);
  neighbour.link.publish('a', EMPTY, 2);
  await stage.pass(QUIET_MS);
  expect([near.verdicts, neighbour.verdicts, far.heard]).toEqual([[1], [], ['a']]);

  near.link.publish('a', EMPTY, 3);
  await stage.pass(QUIET_MS);
  expect([near.verdicts, far.heard]).toEqual([[1], ['a', 'a']]);
});

it('whoever has heard something that a link published knows what it heard before', async () => {
  for (const stage of uneven()) {
    const [near, far] = await parties(stage);
    near.onHeard = () => near.link.publish('a', EMPTY, 1);

    void far.link.subscribe(['a']);
    far.link.publish(near.inbox, EMPTY, 0);
    await stage.pass(2 * SECOND_MS);

    expect([near.heard, near.verdicts, far.heard]).toEqual([[near.inbox], [], ['a']]);
  }
});

it('for who believes that a subject is heard which no longer is, there is silence', async () => {
  const stage = new Stage(3);
  const [near, far] = await parties(stage);
  void far.link.subscribe(['a']);
  await stage.pass(QUIET_MS);

  void far.link.unsubscribe(['a']);
  await stage.pass(2 * HOP_MS);
  near.link.publish('a', EMPTY, 1);
  await stage.pass(QUIET_MS);
  expect([near.verdicts, far.heard]).toEqual([[], []]);

  near.link.publish('a', EMPTY, 2);
  await stage.pass(QUIET_MS);
  expect([near.verdicts, far.heard]).toEqual([[2], []]);
});

it('a subject that another link at the same server still hears is not taken for left', async () => {
  const stage = new Stage(3);
  const [near, far] = await parties(stage);
  const neighbour = await stage.link(1);
  for (const { link } of [far, neighbour]) void link.subscribe(['a']);
  await stage.pass(QUIET_MS);

  void neighbour.link.unsubscribe(['a']);
  await stage.pass(QUIET_MS);
  near.link.publish('a', EMPTY, 1);
  await stage.pass(QUIET_MS);

  expect([near.verdicts, far.heard, neighbour.heard]).toEqual([[], ['a'], []]);
});

it('servers that part lose what is on its way and what they believe; then they tell each other all', async () => {
  const stage = new Stage(3);
  const [near, far] = await parties(stage);
  const third = await stage.link(2);
  await stage.pass(2 * SECOND_MS);
  for (const seat of [near, far, third]) seat.heals = 0;

  near.link.publish(far.inbox, EMPTY, 1);
  await stage.pass(2 * HOP_MS);
  const reunite = stage.broker.part(0, 1);
  near.link.publish(far.inbox, EMPTY, 2);
  near.link.publish(third.inbox, EMPTY, 3);
  void far.link.subscribe(['a']);
  await stage.pass(QUIET_MS);
  expect([near.verdicts, far.heard, third.heard]).toEqual([[2], [], [third.inbox]]);

  reunite();
  near.link.publish('a', EMPTY, 4);
  await stage.pass(QUIET_MS);
  expect([near.heals, far.heals, third.heals]).toEqual([1, 1, 0]);
  near.link.publish('a', EMPTY, 5);
  await stage.pass(QUIET_MS);
  expect([near.verdicts, far.heard]).toEqual([[2, 4], ['a']]);
});

it('links are told that their servers healed once messages get through again, and not before', async () => {
  for (const stage of uneven()) {
    const [near, far] = await parties(stage);
    await stage.pass(2 * SECOND_MS);
    const [reuniteOnce, reunite] = [stage.broker.part(0, 1), stage.broker.part(1, 0)];
    for (const seat of [near, far]) void seat.link.subscribe([`of.${seat.inbox}`]);
    [near.heals, far.heals] = [0, 0];

    reuniteOnce();
    await stage.pass(SECOND_MS);
    expect([near.heals, far.heals]).toEqual([0, 0]);

    near.onHealed = () => near.link.publish(`of.${far.inbox}`, EMPTY, 1);
    far.onHealed = () => far.link.publish(`of.${near.inbox}`, EMPTY, 2);
    reunite();
    await stage.pass(2 * SECOND_MS);
    for (const { heals, verdicts, heard, inbox } of [near, far]) {
      expect([heals, verdicts, heard]).toEqual([1, [], [`of.${inbox}`]]);
    }
  }
});

it('one server that has lost all others does not keep these from hearing each other', async () => {
  const stage = new Stage(3);
  const [near, far] = await parties(stage);
  const third = await stage.link(2);
  await stage.pass(QUIET_MS);

  stage.broker.part(0, null);
  far.link.publish(third.inbox, EMPTY, 1);
  far.link.publish(near.inbox, EMPTY, 2);
  near.link.publish(near.inbox, EMPTY, 3);
  await stage.pass(QUIET_MS);

  expect([far.verdicts, third.heard, near.heard]).toEqual([[2], [third.inbox], [near.inbox]]);
});

it('a link claims again a second after it opened, unless it is closed by then', async () => {
  const stage = new Stage(3);
  const [kept, closed] = [await stage.link(0), await stage.link(0)];

  void closed.link.close();
  await stage.pass(SECOND_MS - QUIET_MS);
  expect(kept.heals).toBe(0);
  await stage.pass(2 * QUIET_MS);

  expect([kept.heals, closed.heals]).toEqual([1, 0]);
});

it('in a broker of one server all know at once, and there is nothing to part or to heal', async () => {
  const stage = new Stage(1);
  const [one, other] = [await stage.link(0), await stage.link(0)];
  stage.broker.part(0, null)();

  void one.link.subscribe(['a']);
  await stage.pass(2 * HOP_MS);
  other.link.publish('a', EMPTY, 1);
  await stage.pass(2 * SECOND_MS);

  expect([one.heard, other.verdicts, one.heals, one.link.isGradual]).toEqual([['a'], [], 0, false]);
});
