import { Actor } from '../actor/actor.ts';
import type { ActorOptions, Command } from '../actor/command.ts';
import type { Listener } from '../actor/journal.ts';

/** An actor, wherever it runs. */
export interface ActorHandle {
  readonly name: string;
  /** Resolves when it is done; commands are begun in the order in which they are given. */
  do(command: Command): Promise<unknown>;
  /** As by SIGKILL: it does not get to do or tell anything any more. */
  crash(): Promise<void>;
  /** Leaves nothing behind, in whatever state it is. Idempotent. */
  end(): Promise<void>;
}

/** Starts an actor that can be reached when this resolves. */
export type StartActor = (options: ActorOptions, listener: Listener) => Promise<ActorHandle>;

/** Actors within this process, because a memory swarm does not reach any further. */
export function startHere(isDown: () => boolean): StartActor {
  return async (options, listener) => {
    const actor = await Actor.start(options, listener, isDown);
    let ended: Promise<unknown> | null = null;
    return {
      name: options.name,
      do: (command) => actor.do(command),
      crash: () => actor.vanish(),
      end: async () => {
        ended ??= actor.do({ do: 'close' });
        await ended;
      },
    };
  };
}
