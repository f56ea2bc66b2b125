import type { Cast, Line, Party } from '../stage/cast.ts';

/** One part of a scenario. It is over when everything it began has ended. */
export interface Step {
  readonly name: string;
  /** Whether the broker or the network fails in it: a memory swarm has neither. */
  readonly hasFault?: boolean;
  readonly run: (cast: Cast) => Promise<void>;
}

/** Make these requests, of an actor in one turn, and see how all of them end. */
export async function give(cast: Cast, lines: readonly Line[], short: string): Promise<void> {
  const exchanges = await cast.askAll(lines);
  await Promise.all(exchanges.map((exchange) => exchange.gives(short)));
}

/** Ask and tell all this in one turn; it runs in the order in which it was sent. */
export async function inOrder(cast: Cast, lines: readonly Line[]): Promise<void> {
  const sent = await cast.askAll(lines);
  for (const exchange of sent) await exchange.runs();
  const labels = sent.map(({ label }) => label);
  const ran = await cast.sees('ran', ({ label }) => labels.includes(label), labels.length);
  const isInOrder = ran.every(({ label }, index) => label === labels[index]);
  if (!isInOrder) throw new Error(`out of order: ${ran.map(({ label }) => label).join()}`);
}

/** `echo` of every kind, from every actor to every node and client, in every direction. */
export function everyDirection(cast: Cast): readonly Line[] {
  return cast.actors.flatMap((actor) => {
    const own = cast
      .clients(actor)
      .flatMap((client) => [
        echo(cast.client(client), 'client'),
        echo(cast.node(client), 'client'),
      ]);
    return [...own, ...throughSwarm(cast, actor, cast.clients())];
  });
}

/** From an actor, its server and one of its nodes, to these nodes and clients. */
export function throughSwarm(cast: Cast, actor: string, to: readonly string[]): readonly Line[] {
  const [client] = cast.clients(actor);
  const parties = [cast.server(actor), ...(client === undefined ? [] : [cast.node(client)])];
  return parties.flatMap((from) =>
    to.flatMap((target) => [echo(from, 'server', target), echo(from, 'remoteClient', target)]),
  );
}

export function echo(from: Party, kind: Line['kind'], to?: string): Line {
  const said = `${kind} request of ${from.client ?? from.actor}`;
  return { from, kind, name: 'echo', args: [{ said }], ...(to !== undefined && { to }) };
}

/** A request whose handler answers when it is told to. */
export function hold(from: Party, kind: Line['kind'], to?: string, timeoutMs?: number): Line {
  const options = {
    ...(to !== undefined && { to }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
  return { from, kind, name: 'hold', ...options };
}
