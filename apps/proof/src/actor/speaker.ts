import type { CallOptions, Calls, NodeCalls } from '@swarm/core';

/** What is asked or told. `to` is of no meaning where a socket leads to one end only. */
export interface Words {
  readonly to: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** An end that can ask and tell. */
export interface Speaker {
  send(words: Words, options: CallOptions): Promise<unknown>;
  emit(words: Words, options: CallOptions): boolean;
}

export function overSocket(calls: Calls<'untyped'>): Speaker {
  return {
    send: ({ name, args }, options) => calls.with(options).send(name, ...args),
    emit: ({ name, args }, options) => calls.with(options).emit(name, ...args),
  };
}

export function throughSwarm(calls: NodeCalls<'untyped'>): Speaker {
  return {
    send: ({ to, name, args }, options) => calls.with(options).send(to, name, ...args),
    emit: ({ to, name, args }, options) => calls.with(options).emit(to, name, ...args),
  };
}
