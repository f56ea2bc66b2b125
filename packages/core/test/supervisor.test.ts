import { describe, expect, it } from 'vitest';
import { BEAT_MS, Supervisor, type SupervisorHost } from '../src/machine/supervisor.ts';

/** A supervisor in a time of its own, and what it asked for. */
class Scene {
  readonly #log: string[] = [];
  readonly #host: SupervisorHost = {
    dial: (epoch) => {
      this.epoch = epoch;
      this.#note(`dial ${epoch}`);
    },
    ping: (epoch, number) => {
      this.number = number;
      this.#note(`ping ${epoch} ${number}`);
    },
    up: (epoch) => this.#note(`up ${epoch}`),
    down: (epoch, cause) => this.#note(`down ${epoch} ${(cause as Error).message}`),
    drop: (epoch) => this.#note(`drop ${epoch}`),
    retrying: (attempt, delayMs, cause) => {
      this.#note(`retrying ${attempt} ${delayMs} ${(cause as Error).message}`);
    },
    alarm: (delayMs) => {
      this.alarmMs = delayMs === null ? null : this.nowMs + delayMs;
      this.#note(`alarm ${delayMs}`);
    },
    random: () => this.chance,
  };
  readonly supervisor: Supervisor = new Supervisor(this.#host);
  /** What else is to happen when it asks. */
  onCall: (call: string) => void = () => {};
  chance = 0.5;
  nowMs = 1_000_000;
  alarmMs: number | null = null;
  epoch = 0;
  number = 0;

  /** What it asked for since the last call. */
  take(): string[] {
    return this.#log.splice(0);
  }

  /** The last ping comes back. */
  pong(): void {
    this.supervisor.ponged(this.epoch, this.number);
  }

  /** The alarm goes off, so much too late. */
  wake(lateMs = 0): void {
    if (this.alarmMs === null) throw new Error('no alarm is set');
    this.nowMs = this.alarmMs + lateMs;
    this.alarmMs = null;
    this.supervisor.alarmed(lateMs);
  }

  #note(call: string): void {
    this.#log.push(call);
    this.onCall(call);
  }
}

/** Every state before the last, in the order in which one leads to the next. */
const STATES = ['idle', 'dialing', 'probing', 'ready', 'waiting'] as const;
const reset = new Error('reset');

function newScene(state: (typeof STATES)[number] | 'closed' = 'idle'): Scene {
  const scene = new Scene();
  const { supervisor } = scene;
  const place = STATES.indexOf(state as 'idle');
  if (place >= 1) supervisor.start();
  if (place >= 2) supervisor.opened(1);
  if (place >= 3) scene.pong();
  if (place >= 4) supervisor.failed(1, reset);
  if (state === 'closed') supervisor.close();
  scene.take();
  return scene;
}

describe('Supervisor', () => {
  it('dials, lets a ping find out whether the link works both ways, and only then is up', () => {
    const scene = newScene();

    scene.supervisor.start();
    expect(scene.take()).toEqual(['alarm 3000', 'dial 1']);

    scene.supervisor.opened(1);
    expect(scene.take()).toEqual(['alarm 3000', 'ping 1 1']);
    expect(scene.supervisor.isReady).toBe(false);

    scene.supervisor.ponged(1, 1);
    expect(scene.take()).toEqual(['alarm 1000', 'up 1']);
    expect(scene.supervisor.isReady).toBe(true);
  });

  it('pings once a beat for as long as the pings come back', () => {
    const scene = newScene('ready');

    for (const number of [2, 3, 4, 5, 6]) {
      scene.wake();
      expect(scene.take()).toEqual(['alarm 1000', `ping 1 ${number}`]);
      scene.pong();
      expect(scene.take()).toEqual([]);
    }
  });

  it.each([
    ['dialing', 'the broker does not answer'],
    ['probing', 'no ping comes back through the broker'],
  ] as const)('gives up a link that is still %s when its time is over', (state, cause) => {
    const scene = newScene(state);

    scene.wake();

    expect(scene.take()).toEqual(['alarm 25', 'drop 1', `retrying 1 25 ${cause}`]);
    expect(scene.supervisor.isCurrent(1)).toBe(false);
  });

  it.each(['dialing', 'probing'] as const)('drops a link that fails while %s', (state) => {
    const scene = newScene(state);

    scene.supervisor.failed(1, reset);

    expect(scene.take()).toEqual(['alarm 25', 'drop 1', 'retrying 1 25 reset']);
    expect(scene.supervisor.isCurrent(1)).toBe(false);
  });

  it('tells that a link which was up is over, after it was dropped and before the next try', () => {
    const scene = newScene('ready');
    const isReady: boolean[] = [];
    scene.onCall = () => isReady.push(scene.supervisor.isReady);

    scene.supervisor.failed(1, reset);

    expect(scene.take()).toEqual(['alarm 25', 'drop 1', 'down 1 reset', 'retrying 1 25 reset']);
    expect(isReady).toEqual([false, false, false, false]);
  });

  it('dials again after the delay, and knows the new link from the one before', () => {
    const scene = newScene('waiting');

    scene.wake();
    scene.supervisor.opened(1);
    expect(scene.take()).toEqual(['alarm 3000', 'dial 2']);
    expect([1, 2].map((epoch) => scene.supervisor.isCurrent(epoch))).toEqual([false, true]);

    scene.supervisor.opened(2);
    scene.pong();
    expect(scene.take()).toEqual(['alarm 3000', 'ping 2 2', 'alarm 1000', 'up 2']);
  });

  it.each(STATES)('ignores what other links say while %s', (state) => {
    const scene = newScene(state);

    for (const epoch of state === 'waiting' ? [0, 1, 2] : [0, 2, 7]) {
      scene.supervisor.opened(epoch);
      scene.supervisor.ponged(epoch, 1);
      scene.supervisor.failed(epoch, reset);
      expect(scene.supervisor.isCurrent(epoch)).toBe(false);
    }

    expect(scene.take()).toEqual([]);
  });

  it('ignores pings that were not sent, or have come back before', () => {
    const probing = newScene('probing');
    for (const number of [0, 2]) probing.supervisor.ponged(1, number);
    expect(probing.supervisor.isReady).toBe(false);

    const ready = newScene('ready');
    ready.wake();
    for (const number of [1, 3]) ready.supervisor.ponged(1, number);
    ready.wake();
    for (const number of [1, 4]) ready.supervisor.ponged(1, number);
    ready.wake();
    expect(ready.supervisor.isReady).toBe(false);
  });

  it('waits once more when its own process stood still while it dialed or probed', () => {
    for (const state of ['dialing', 'probing'] as const) {
      const scene = newScene(state);

      scene.wake(300);
      expect(scene.take()).toEqual(['alarm 3000']);

      scene.wake(299);
      expect(scene.take()).toContain('drop 1');
    }
  });

  it('does not take a slow broker for a dead one: late pings count', () => {
    const scene = newScene('ready');

    for (let beat = 2; beat < 20; beat += 1) {
      scene.wake();
      scene.supervisor.ponged(1, beat - 1);
    }

    expect(scene.supervisor.isReady).toBe(true);
  });

  it('is started once, and told once that a link is there', () => {
    for (const state of ['dialing', 'probing', 'ready', 'waiting', 'closed'] as const) {
      const scene = newScene(state);

      scene.supervisor.start();
      if (state !== 'dialing') scene.supervisor.opened(1);

      expect(scene.take()).toEqual([]);
    }
  });

  it('ignores an alarm when it has set none', () => {
    for (const state of ['idle', 'closed'] as const) {
      const scene = newScene(state);

      scene.supervisor.alarmed(0);

      expect(scene.take()).toEqual([]);
    }
  });
});

describe('a link that goes silent', () => {
  it('is over after two beats without an answer: three beats from the break at most', () => {
    const scene = newScene('ready');
    const brokenMs = scene.nowMs;

    scene.wake();
    scene.wake();
    expect(scene.take()).toEqual(['alarm 1000', 'ping 1 2', 'alarm 1000', 'ping 1 3']);

    scene.wake();
    const cause = 'the broker is silent: no ping came back';
    expect(scene.take()).toEqual([
      ...['alarm 25', 'drop 1', `down 1 ${cause}`, `retrying 1 25 ${cause}`],
    ]);
    expect(scene.nowMs - brokenMs).toBe(3 * BEAT_MS);
  });

  it('is forgiven one beat when the next one is answered, again and again', () => {
    const scene = newScene('ready');

    for (let i = 0; i < 5; i += 1) {
      scene.wake();
      scene.wake();
      scene.pong();
    }

    expect(scene.supervisor.isReady).toBe(true);
  });

  it('is not blamed for a beat that ended a beat late: then we stood still ourselves', () => {
    const scene = newScene('ready');
    scene.wake();
    scene.wake();

    for (let i = 0; i < 5; i += 1) scene.wake(BEAT_MS);

    expect(scene.supervisor.isReady).toBe(true);
    // It starts anew, with two beats.
    scene.wake();
    expect(scene.supervisor.isReady).toBe(true);
    scene.wake();
    expect(scene.supervisor.isReady).toBe(false);
  });

  it('is blamed for beats that ended less than a beat late', () => {
    const scene = newScene('ready');
    scene.wake();

    for (let i = 0; i < 2; i += 1) scene.wake(BEAT_MS - 1);

    expect(scene.supervisor.isReady).toBe(false);
  });
});

describe('a supervisor closing', () => {
  it.each(STATES)('drops its link and its alarm, for good, while %s', (state) => {
    const scene = newScene(state);
    const hasLink = state !== 'idle' && state !== 'waiting';

    scene.supervisor.close();

    expect(scene.take()).toEqual(hasLink ? ['alarm null', 'drop 1'] : ['alarm null']);
    scene.supervisor.start();
    scene.supervisor.opened(1);
    scene.supervisor.ponged(1, scene.number);
    scene.supervisor.failed(1, reset);
    scene.supervisor.alarmed(0);
    expect(scene.take()).toEqual([]);
    expect([scene.supervisor.isReady, scene.supervisor.isCurrent(1)]).toEqual([false, false]);
  });

  it('drops nothing twice when it is closed twice', () => {
    const scene = newScene('ready');
    scene.supervisor.close();
    scene.take();

    scene.supervisor.close();

    expect(scene.take()).toEqual(['alarm null']);
  });

  it.each([
    ['probing', 'up 1', ['alarm 1000', 'up 1', 'alarm null', 'drop 1']],
    ['ready', 'drop 1', ['alarm 25', 'drop 1', 'alarm null']],
    ['ready', 'down 1 reset', ['alarm 25', 'drop 1', 'down 1 reset', 'alarm null']],
  ] as const)('does nothing more when it is closed from within: %s, %s', (state, call, calls) => {
    const scene = newScene(state);
    scene.onCall = (made) => {
      if (made === call) scene.supervisor.close();
    };

    if (state === 'probing') scene.pong();
    else scene.supervisor.failed(1, reset);

    expect(scene.take()).toEqual(calls);
  });
});
