import type { Context, Server } from '@swarm/core';
import type { Audit } from './audit.ts';
import type { Conditions } from './conditions.ts';
import type { Call, Party, Run } from './facts.ts';
import type { Timeline } from './timeline.ts';

/** What handlers need of the world around them. */
export interface Scene {
  readonly timeline: Timeline;
  readonly conditions: Conditions;
  readonly audit: Audit;
}

/** What is used of a handler's context, at either end. */
type AnyContext = Pick<Context, 'name' | 'args' | 'signal' | 'throw' | 'answer'>;

/** The handlers of all parties: they do what the plan says of the call, and tell the audit. */
export class Serving {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Register those of all nodes of a server. */
  ofServer(server: Server, intercepts: boolean): void {
    const partyOf = (data: unknown) => data as Party;
    server.client.on('c.*', (ctx) => this.answer(ctx, partyOf(ctx.node.data)));
    server.on('s.*', (ctx) => this.answer(ctx, partyOf(ctx.node.data)));
    if (!intercepts) return;
    server.remoteClient.on('r.*', (ctx) => this.#intercept(ctx, partyOf(ctx.node.data)));
  }

  answer(ctx: AnyContext, party: Party): unknown {
    const started = this.#start(ctx, party, true);
    if (started === null) return null;
    const { call, run } = started;
    const { op } = call;
    const result = [call.number, party.number];
    switch (op.deed) {
      case 'now':
      case 'unhandled':
        this.#end(run);
        return result;
      case 'throw':
        this.#end(run);
        return ctx.throw(`thrown ${call.number}`);
      case 'later':
        return this.#later(party, op.deedMs, () => {
          this.#end(run);
          return result;
        });
      case 'hang':
        return op.isEvent ? null : this.#hang(ctx, run);
    }
  }

  #intercept(ctx: AnyContext, party: Party): unknown {
    const started = this.#start(ctx, party, false);
    if (started === null) return undefined;
    const { call, run } = started;
    this.#end(run);
    switch (call.op.interception) {
      case 'pass':
        return undefined;
      case 'rewrite':
        return [call.number, 'rewritten'];
      case 'answer':
        return ctx.answer([call.number, party.number]);
      case 'slow':
        return this.#later(party, call.op.deedMs, () => undefined);
      case 'throw':
        return ctx.throw(`thrown ${call.number}`);
    }
  }

  #start(ctx: AnyContext, party: Party, isAnswer: boolean): { call: Call; run: Run } | null {
    const { audit } = this.#scene;
    const number = Number(ctx.name.slice(2));
    const started = audit.started(number, party, isAnswer);
    if (started === null) return null;
    if (ctx.args[0] !== number) audit.violate('I2', `call ${number} came with other arguments`);
    return started;
  }

  #end(run: Run): void {
    run.endedMs = this.#scene.timeline.nowMs;
  }

  #later<T>({ end }: Party, afterMs: number, result: () => T): Promise<T> {
    const { timeline, conditions } = this.#scene;
    const atMs = timeline.nowMs + afterMs * conditions.slowness;
    return new Promise((resolve) => timeline.at(atMs, end, () => resolve(result())));
  }

  /** Until nobody waits any more. */
  #hang({ signal }: AnyContext, run: Run): Promise<null> {
    return new Promise((resolve) => {
      const aborted = () => {
        run.abortedMs = this.#scene.timeline.nowMs;
        resolve(null);
      };
      if (signal.aborted) aborted();
      else signal.addEventListener('abort', aborted);
    });
  }
}
