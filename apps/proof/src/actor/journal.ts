import type { Server } from '@swarm/core';
import { type Entry, type Happening, nowMs } from '../trace.ts';
import type { Proof } from './contract.ts';
import type { Ctx } from './handlers.ts';
import { abridged } from './text.ts';

/** Whoever hears what happens in an actor. */
export type Listener = (entry: Entry) => void;

/** Tells what happens in an actor, as it happens. */
export class Journal {
  readonly #actor: string;
  readonly #listener: Listener;
  #isOver = false;

  constructor(actor: string, listener: Listener) {
    this.#actor = actor;
    this.#listener = listener;
  }

  /** From here on, what happens is nobody's concern. */
  end(): void {
    this.#isOver = true;
  }

  record(happening: Happening): void {
    if (!this.#isOver) this.#listener({ actor: this.#actor, atMs: nowMs(), ...happening });
  }

  /** Tell of nodes and of the link, which is there already. */
  watch(server: Server<Proof>): void {
    const { events } = server;
    this.record({ what: 'linked' });
    events.on('linked', () => this.record({ what: 'linked' }));
    events.on('unlinked', () => this.record({ what: 'unlinked' }));
    events.on('joined', (node) => this.record({ what: 'joined', node }));
    events.on('left', (node, reason) => this.record({ what: 'left', node, reason }));
  }

  /** A handler begins to run. What has no label is no part of the trace. */
  ran(ctx: Ctx, side: 'node' | 'client', node: string): void {
    const label = labelOf(ctx);
    if (label === null) return;
    const { kind, sender, name, args } = ctx;
    const short = abridged(args);
    this.record({ what: 'ran', label, side, kind, node, sender, name, args: short });
  }
}

/** The name of the exchange, which travels with every request and event of an actor. */
export function labelOf(ctx: Ctx): string | null {
  return ctx.meta['label'] ?? null;
}
