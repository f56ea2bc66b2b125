import type { Client, Context, HandlersOf, Node, Server } from '@swarm/core';
import type { answers, Proof } from './contract.ts';
import { textOf } from './text.ts';

/** A handler's context, whatever errors its function declares. */
export type Ctx<N = unknown> = Omit<Context<N>, 'fail'>;

/** What handlers need of the actor they belong to. */
export interface Desk {
  /** A handler has begun to run. */
  ran(ctx: Ctx, side: 'node' | 'client', node: string): void;
  /** The answer of a request that is to be held back. */
  hold(ctx: Ctx, side: 'node' | 'client', node: string): Promise<string>;
  /** Ask in the name of the node that was asked. */
  relay(ctx: Ctx<Node<Proof>>, relayed: Relayed): Promise<unknown>;
}

/** What a node asks because its client wants it to. */
export interface Relayed {
  readonly to: string;
  readonly kind: 'server' | 'remoteClient';
  readonly value: unknown;
}

/** What the nodes of a server answer, and do to what goes to their clients. */
export function handleNodes(server: Server<Proof>, desk: Desk): void {
  const nodeOf = (ctx: Ctx) => (ctx.node as Node<Proof>).id;
  const table = tableOf(desk, 'node', nodeOf);
  server.implement(table);
  server.client.implement({
    ...table,
    relay: (ctx, to, kind, value) => {
      desk.ran(ctx, 'node', ctx.node.id);
      return desk.relay(ctx, { to, kind, value }) as Promise<typeof value>;
    },
  });
  server.remoteClient.implement({
    rewritten: (ctx, text) => {
      desk.ran(ctx, 'node', ctx.node.id);
      return [`${text} of ${ctx.sender ?? 'a server'}`];
    },
    intercepted: (ctx, text) => {
      desk.ran(ctx, 'node', ctx.node.id);
      ctx.answer(`${text}, says the node`);
    },
    guarded: (ctx, text) => {
      desk.ran(ctx, 'node', ctx.node.id);
      return ctx.throw('not for you', { text });
    },
    counted: (ctx, count) => {
      desk.ran(ctx, 'node', ctx.node.id);
      return [count + 1];
    },
  });
}

/** Middleware that doubles what clients answer to `doubled`, and leaves the rest alone. */
export function addDoubling(server: Server<Proof>): void {
  server.use(async (ctx, next) => {
    const answer = await next();
    return ctx.kind === 'remoteClient' && ctx.name === 'doubled' ? Number(answer) * 2 : answer;
  });
}

/** What a client answers. */
export function handleClient(client: Client<Proof>, desk: Desk): void {
  const nodeOf = () => client.id ?? '';
  const ran = (ctx: Ctx) => desk.ran(ctx, 'client', nodeOf());
  const echo = <T>(ctx: Ctx, value: T): T => {
    ran(ctx);
    return value;
  };
  client.implement({
    ...tableOf(desk, 'client', nodeOf),
    ...{ rewritten: echo, intercepted: echo, guarded: echo, doubled: echo, counted: ran },
  });
}

function tableOf(
  desk: Desk,
  side: 'node' | 'client',
  nodeOf: (ctx: Ctx) => string,
): HandlersOf<typeof answers, unknown> {
  const ran = (ctx: Ctx) => desk.ran(ctx, side, nodeOf(ctx));
  return {
    echo: (ctx, value) => {
      ran(ctx);
      return value;
    },
    refuse: (ctx, text) => {
      ran(ctx);
      return ctx.throw(`refused: ${text}`, { text });
    },
    spend: (ctx, amount) => {
      ran(ctx);
      return amount > 10 ? ctx.fail('BROKE', { missing: amount - 10 }) : 10 - amount;
    },
    explode: (ctx, what) => {
      ran(ctx);
      return explode(what);
    },
    hold: (ctx) => {
      ran(ctx);
      return desk.hold(ctx, side, nodeOf(ctx));
    },
    linger: (ctx, ms) => {
      ran(ctx);
      return new Promise((resolve) => setTimeout(() => resolve(ms), ms));
    },
    sized: (ctx, _text, chars) => {
      ran(ctx);
      return textOf(chars);
    },
    noted: (ctx) => ran(ctx),
    swallowed: (ctx) => ran(ctx),
  };
}

function explode(what: string): never {
  if (what === 'text') throw 'boom, as a text';
  if (what === 'null') throw null;
  if (what === 'error') throw new RangeError('boom, as an error');
  throw {
    get message() {
      throw new Error('boom, while it is read');
    },
  };
}
