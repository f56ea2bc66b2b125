import type { Client, Context, Server } from '@swarm/core';
import type { Audit } from './audit.ts';
import type { Conditions } from './conditions.ts';
import type { Call, Party, Run } from './facts.ts';
import type { Setup } from './plan.ts';
import type { Timeline } from './timeline.ts';

/** What handlers need of the world around them. */
export interface Scene {
  readonly timeline: Timeline;
  readonly conditions: Conditions;
  readonly audit: Audit;
}

/** What is used of a handler's context, at either end. */
type AnyContext = Pick<Context, 'name' | 'args' | 'signal' | 'state' | 'throw' | 'answer'>;

/** Whatever handlers and middleware are registered with. */
interface Layers {
  use(middleware: (ctx: AnyContext, next: () => unknown) => unknown): unknown;
}

/** What a request has passed before its first handler. */
const WRAPPED = 'outer inner ';

/** The handlers of all parties: they do what the plan says of the call, and tell the audit. */
export class Serving {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Register those of all nodes of a server. */
  ofServer(server: Server, { intercepts, isLayered }: Setup): void {
    const partyOf = (data: unknown) => data as Party;
    if (isLayered) {
      this.#wrap(server);
      server.client.on('c.*', (ctx) => this.#pass(ctx, 'first', WRAPPED));
      server.on('s.*', (ctx) => this.#pass(ctx, 'first', WRAPPED));
    }
    server.client.on('c.*', (ctx) => this.answer(ctx, partyOf(ctx.node.data), isLayered));
    server.on('s.*', (ctx) => this.answer(ctx, partyOf(ctx.node.data), isLayered));
    if (!intercepts) return;
    server.remoteClient.on('r.*', (ctx) => this.#intercept(ctx, partyOf(ctx.node.data)));
  }

  ofClient(client: Client, party: Party, isLayered: boolean): void {
    if (isLayered) this.#wrap(client);
    for (const name of ['c.*', 'r.*']) {
      if (isLayered) client.on(name, (ctx) => this.#pass(ctx, 'first', WRAPPED));
      client.on(name, (ctx) => this.answer(ctx, party, isLayered));
    }
  }

  #wrap(end: Layers): void {
    end.use((ctx, next) => {
      this.#pass(ctx, 'outer', '');
      return next();
    });
    end.use((ctx, next) => {
      this.#pass(ctx, 'inner', 'outer ');
      return next();
    });
  }

  /** A layer is passed: of this very request, all those before it have been, and no others. */
  #pass({ name, state }: AnyContext, layer: string, before: string): void {
    const shared = state as { call?: string; passed?: string };
    const { call = name, passed = '' } = shared;
    if (call !== name || passed !== before) {
      const words = `call ${name} came to ${layer} as ${call}, by way of ${passed}`;
      this.#scene.audit.violate('I6', words);
    }
    shared.call = name;
    shared.passed = `${before}${layer} `;
  }

  answer(ctx: AnyContext, party: Party, isLayered: boolean): unknown {
    if (isLayered) this.#pass(ctx, 'last', `${WRAPPED}first `);
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
        return op.isEvent ? null : this.#hang(ctx, call, run);
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
  #hang({ signal }: AnyContext, call: Call, run: Run): Promise<null> {
    const { audit } = this.#scene;
    audit.hangs(call, run);
    return new Promise((resolve) => {
      const aborted = () => {
        audit.aborted(call, run);
        resolve(null);
      };
      if (signal.aborted) aborted();
      else signal.addEventListener('abort', aborted);
    });
  }
}
