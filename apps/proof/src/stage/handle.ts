import { Actor } from '../actor/actor.ts';
import type { ActorOptions, Command } from '../actor/command.ts';
import type { Listener } from '../actor/journal.ts';
import type { MemoryWire } from './memory-wire.ts';
import type { Wire } from './wire.ts';

/** How an actor is to be; the site knows where its broker is. */
export type ActorPlan = Omit<ActorOptions, 'url' | 'natMap'>;

/** An actor, wherever it runs. */
export interface ActorHandle {
  readonly name: string;
  /** Id of the process that it runs in. */
  readonly pid: number;
  /** Between it and the broker. */
  readonly wire: Wire;
  /** Resolves when it is done; commands are begun in the order in which they are given. */
  do(command: Command): Promise<unknown>;
  /** Its process stands still for so long. Resolves when it goes on. */
  freeze(ms: number): Promise<void>;
  /** As by SIGKILL: it does not get to do or tell anything any more. */
  crash(): Promise<void>;
  /** Leaves nothing behind, in whatever state it is. Idempotent. */
  end(): Promise<void>;
}

/** An actor within this process, because a memory swarm does not reach any further. */
export async function startHere(
  options: ActorOptions,
  listener: Listener,
  wire: MemoryWire,
): Promise<ActorHandle> {
  const actor = await Actor.start(options, listener, (swarm) => wire.wrap(swarm));
  let ended: Promise<unknown> | null = null;
  return {
    name: options.name,
    pid: process.pid,
    wire,
    do: (command) => actor.do(command),
    freeze,
    crash: async () => {
      actor.silence();
      wire.refuse();
      wire.cut();
    },
    end: async () => {
      ended ??= actor.do({ do: 'close' });
      await ended;
    },
  };
}

/** All actors of this process stand still, in the next turn. */
function freeze(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      resolve();
    });
  });
}
