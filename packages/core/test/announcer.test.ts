import { describe, expect, it } from 'vitest';
import { Announcer, CONFIRM_TIMEOUT_MS } from '../src/announcer.ts';
import { LIMITS, type Link, type LinkHost, SwarmError } from '../src/index.ts';
import { nth, refusal } from './hosts.ts';
import { FakeRuntime } from './runtime.ts';
import { TamperedSwarm } from './tampered.ts';

const HOST: LinkHost = {
  inbox: 'inbox',
  frameBytesMax: LIMITS.swarmFrameBytesMax,
  deliver: () => {},
  undeliverable: () => {},
  pressure: () => {},
  healed: () => {},
  lost: () => {},
};

/** An announcer, and in one log what it does with its links, tells of ids, and how that ends. */
class Scene {
  readonly runtime: FakeRuntime = new FakeRuntime();
  readonly swarm: TamperedSwarm = new TamperedSwarm(this.runtime);
  readonly announcer: Announcer;
  link: Link | null = null;

  constructor(perCallMax = 1_000) {
    const { log } = this.swarm;
    const host = {
      subjectOf: (id: string) => `n.${id}`,
      announced: (ids: readonly string[]) => log.push(`announced ${ids}`),
      refused: (id: string) => log.push(`refused ${id}`),
      stuck: (link: Link) => log.push(link === this.link ? 'stuck' : 'stuck before'),
    };
    this.announcer = new Announcer(host, this.runtime, perCallMax);
  }

  /** A scene with a link, on which these ids are announced. */
  static async linked(ids: readonly string[] = [], perCallMax?: number): Promise<Scene> {
    const scene = new Scene(perCallMax);
    scene.announce(...ids);
    await scene.up();
    await scene.take();
    return scene;
  }

  async up(): Promise<void> {
    this.link = await this.swarm.connect(HOST);
    this.announcer.up(this.link);
  }

  announce(...ids: string[]): void {
    const { log } = this.swarm;
    for (const id of ids) {
      this.announcer.announce(id).then(
        () => log.push(`resolved ${id}`),
        () => log.push(`rejected ${id}`),
      );
    }
  }

  /** What happened since the last call. */
  async take(): Promise<string[]> {
    await this.runtime.settle();
    return this.swarm.log.splice(0);
  }
}

describe('Announcer', () => {
  it('makes one call of the burst of a turn, and tells of each id when it is done', async () => {
    const scene = await Scene.linked();

    scene.announce('a', 'b', 'a');

    expect(await scene.take()).toEqual([
      ...['subscribe n.a,n.b', 'announced a,b'],
      ...['resolved a', 'resolved a', 'resolved b'],
    ]);
    for (const id of ['a', 'b']) scene.announcer.withdraw(id);
    expect(await scene.take()).toEqual(['unsubscribe n.a,n.b']);
    expect(scene.runtime.timers).toBe(0);
  });

  it('announcedPerCallMax: makes another call of what is more, after the one before', async () => {
    const scene = await Scene.linked([], 2);
    scene.swarm.hold();

    scene.announce('a', 'b', 'c');
    expect(await scene.take()).toEqual(['subscribe n.a,n.b']);

    scene.swarm.release();
    expect(await scene.take()).toEqual([
      ...['announced a,b', 'resolved a', 'resolved b'],
      ...['subscribe n.c', 'announced c', 'resolved c'],
    ]);
  });

  it('keeps the subject of an id that is withdrawn and announced in one turn', async () => {
    const scene = await Scene.linked(['a']);

    scene.announcer.withdraw('a');
    scene.announce('a');

    expect(await scene.take()).toEqual(['announced a', 'resolved a']);
  });

  it('never lets a withdrawal overtake the announcement after it', async () => {
    const scene = await Scene.linked(['a']);
    scene.swarm.hold();
    scene.announcer.withdraw('a');
    expect(await scene.take()).toEqual(['unsubscribe n.a']);

    scene.announce('a');
    expect(await scene.take()).toEqual([]);
    scene.swarm.release();

    expect(await scene.take()).toEqual(['subscribe n.a', 'announced a', 'resolved a']);
  });

  it('withdraws what is not wanted any more when its announcement is done', async () => {
    const scene = await Scene.linked();
    scene.swarm.hold();
    scene.announce('a');
    expect(await scene.take()).toEqual(['subscribe n.a']);

    scene.announcer.withdraw('a');
    expect(await scene.take()).toEqual([]);
    scene.swarm.release();

    expect(await scene.take()).toEqual(['unsubscribe n.a', 'resolved a']);
  });

  it('calls nobody for an id that comes and goes in one turn, and keeps nobody waiting', async () => {
    const scene = await Scene.linked();

    scene.announce('a');
    scene.announcer.withdraw('a');

    expect(await scene.take()).toEqual(['resolved a']);
  });

  it('goes on after a withdrawal that fails: the link may be gone by then', async () => {
    const scene = await Scene.linked(['a']);
    scene.swarm.onUnsubscribe = () => Promise.reject(new Error('no link'));

    scene.announcer.withdraw('a');
    expect(await scene.take()).toEqual(['unsubscribe n.a']);
    scene.announce('a');

    expect(await scene.take()).toEqual(['subscribe n.a', 'announced a', 'resolved a']);
  });
});

describe('an announcer without a link', () => {
  it('keeps nobody waiting, and has the next link announce what is wanted by then', async () => {
    const scene = new Scene();

    scene.announce('a', 'b');
    scene.announcer.withdraw('a');
    expect(await scene.take()).toEqual(['resolved a', 'resolved b']);

    await scene.up();
    expect(await scene.take()).toEqual(['subscribe n.b', 'announced b']);
  });

  it('tells those who wait when the link is lost, and brings all to the next one', async () => {
    const scene = await Scene.linked(['a']);
    scene.swarm.hold();
    scene.announce('b');
    await scene.take();

    scene.announcer.down();
    expect(await scene.take()).toEqual(['resolved b']);

    scene.swarm.release();
    await scene.up();
    expect(await scene.take()).toEqual(['subscribe n.a,n.b', 'announced a,b']);
  });

  it.each(['done', 'fail'] as const)(
    'does not care how the calls of a lost link end: %s',
    async (end) => {
      const scene = await Scene.linked();
      scene.swarm.hold();
      scene.announce('a');
      await scene.take();
      scene.announcer.down();
      await scene.up();
      expect(await scene.take()).toEqual(['resolved a', 'subscribe n.a']);

      nth(scene.swarm.held, 0)[end](new Error('lost'));
      expect(await scene.take()).toEqual([]);
      scene.announce('a');
      expect(await scene.take()).toEqual([]);

      nth(scene.swarm.held, 1).done();
      expect(await scene.take()).toEqual(['announced a', 'resolved a']);
    },
  );

  it('calls no lost link again', async () => {
    const scene = await Scene.linked(['a']);
    scene.swarm.hold();
    scene.announcer.withdraw('a');
    scene.announce('b');
    expect(await scene.take()).toEqual(['unsubscribe n.a']);

    scene.announcer.down();
    scene.swarm.release();

    expect(await scene.take()).toEqual(['resolved b']);
  });

  it('brings very many ids to the next link, a thousand at a time', async () => {
    const scene = new Scene(LIMITS.announcedPerCallMax);
    for (let i = 0; i < 10_000; i += 1) void scene.announcer.announce(`node-${i}`);

    await scene.up();

    const log = await scene.take();
    const calls = log.filter((line) => line.startsWith('subscribe'));
    expect(calls.map((call) => call.split(',').length)).toEqual(new Array(10).fill(1_000));
    const announced = log.filter((line) => line.startsWith('announced'));
    expect(announced.flatMap((line) => line.split(','))).toHaveLength(10_000);
    expect(scene.runtime.timers).toBe(0);
  });
});

describe('an announcer that is refused', () => {
  const denied = new SwarmError('not permitted', { subtype: 'forbidden', delivered: 'no' });

  it('tells those who wait for the id, and its host of an id that nobody waits for', async () => {
    const scene = await Scene.linked(['a']);
    scene.announcer.down();
    scene.swarm.onSubscribe = () => Promise.reject(denied);
    const link = await scene.swarm.connect(HOST);

    scene.announcer.up(link);
    const refused = scene.announcer.announce('b');

    await expect(refused).rejects.toMatchObject({ ...refusal('internal', 'no'), cause: denied });
    expect(await scene.take()).toEqual([
      ...['subscribe n.a,n.b', 'subscribe n.a', 'refused a', 'subscribe n.b'],
    ]);
    expect(scene.runtime.timers).toBe(0);
  });

  it('is no trouble to the other ids of the call, which is tried again by halves', async () => {
    const scene = await Scene.linked();
    const { connect } = scene.swarm;
    scene.swarm.connect = async (host) => {
      const link = await connect.call(scene.swarm, host);
      const subscribe = async (subjects: readonly string[]) => {
        await link.subscribe(subjects);
        if (subjects.includes('n.5')) throw denied;
      };
      return { ...link, subscribe };
    };
    await scene.up();
    const ids = Array.from({ length: 9 }, (_, i) => `${i}`);

    const told = await Promise.allSettled(ids.map((id) => scene.announcer.announce(id)));

    const refused = ids.filter((_id, i) => told[i]?.status === 'rejected');
    expect(refused).toEqual(['5']);
  });

  it('forgets the id, until it is announced again', async () => {
    const scene = await Scene.linked();
    scene.swarm.onSubscribe = () => Promise.reject(denied);
    scene.announce('a');
    expect(await scene.take()).toEqual(['subscribe n.a', 'rejected a']);

    scene.swarm.release();
    scene.announcer.down();
    await scene.up();
    expect(await scene.take()).toEqual([]);

    scene.announce('a');
    expect(await scene.take()).toEqual(['subscribe n.a', 'announced a', 'resolved a']);
  });

  it('goes on with the ids of the next call', async () => {
    const scene = await Scene.linked([], 1);
    scene.swarm.hold();
    scene.announce('a', 'b');
    await scene.take();

    scene.swarm.held.shift()?.fail(denied);
    scene.swarm.release();

    expect(await scene.take()).toEqual([
      ...['rejected a', 'subscribe n.b', 'announced b', 'resolved b'],
    ]);
  });

  it('keeps nobody else of the same call waiting', async () => {
    const scene = await Scene.linked(['held']);
    scene.swarm.onSubscribe = () => Promise.reject(denied);

    scene.announcer.withdraw('held');
    scene.announce('held', 'gone', 'new');
    scene.announcer.withdraw('gone');

    const log = await scene.take();
    expect(log.sort()).toEqual([
      ...['announced held', 'rejected new', 'resolved gone', 'resolved held', 'subscribe n.new'],
    ]);
  });
});

describe('a link that does not confirm', () => {
  it.each(['announce', 'withdraw'] as const)('is given up after a time: %s', async (kind) => {
    const scene = await Scene.linked(['a']);
    scene.swarm.hold();

    if (kind === 'announce') scene.announce('b');
    else scene.announcer.withdraw('a');
    await scene.runtime.advance(CONFIRM_TIMEOUT_MS - 1);
    expect(await scene.take()).not.toContain('stuck');

    await scene.runtime.advance(1);
    expect(await scene.take()).toEqual(['stuck']);
    expect(scene.runtime.timers).toBe(0);
  });

  it('is not blamed for what was late because this process stood still', async () => {
    const scene = await Scene.linked();
    scene.swarm.hold();
    scene.announce('a');
    await scene.take();

    scene.runtime.stall(2 * CONFIRM_TIMEOUT_MS);
    await scene.runtime.advance(0);
    expect(await scene.take()).toEqual([]);

    await scene.runtime.advance(CONFIRM_TIMEOUT_MS);
    expect(await scene.take()).toEqual(['stuck']);
    expect(scene.runtime.timers).toBe(0);
  });

  it('has as much time for each call', async () => {
    const scene = await Scene.linked([], 1);
    scene.swarm.hold();
    scene.announce('a', 'b', 'c');

    for (const at of [0, 1, 2]) {
      await scene.runtime.advance(CONFIRM_TIMEOUT_MS - 1);
      nth(scene.swarm.held, at).done();
    }

    expect(await scene.take()).not.toContain('stuck');
    expect(scene.runtime.timers).toBe(0);
  });

  it('is given up, too, when a call of the one before ends meanwhile', async () => {
    const scene = await Scene.linked();
    scene.swarm.hold();
    scene.announce('a');
    await scene.take();
    scene.announcer.down();
    await scene.up();
    await scene.take();

    nth(scene.swarm.held, 0).done();
    await scene.runtime.advance(CONFIRM_TIMEOUT_MS);

    expect(await scene.take()).toEqual(['stuck']);
  });

  it('leaves nothing running when it is lost', async () => {
    const scene = await Scene.linked();
    scene.swarm.hold();
    scene.announce('a');
    await scene.take();

    scene.announcer.down();

    expect(scene.runtime.timers).toBe(0);
  });
});
