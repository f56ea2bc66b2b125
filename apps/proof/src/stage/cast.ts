import type { ContextKind } from '@swarm/core';
import type { ActorOptions, Ask, Command } from '../actor/command.ts';
import type { Entry, EntryOf, Side } from '../trace.ts';
import { Exchange } from './exchange.ts';
import type { ActorHandle } from './handle.ts';
import type { Site } from './site.ts';
import { Watch } from './watch.ts';
import type { Wire } from './wire.ts';

/** An end that asks: a client, its node, or a server as such. */
export interface Party {
  readonly actor: string;
  readonly side: Side;
  readonly client: string | null;
}

/** What a party asks or tells. `to` names a client, or is an id; a client's own node needs none. */
export interface Line {
  readonly from: Party;
  readonly kind: ContextKind;
  readonly to?: string;
  readonly name: string;
  readonly args?: readonly unknown[];
  readonly isEvent?: boolean;
  readonly timeoutMs?: number;
}

interface CastOptions extends Pick<ActorOptions, 'namespace' | 'takeover' | 'isDoubling'> {
  /** Of actors that start together; the last of them has the parts of those that are too many. */
  readonly actorsMax: number;
}

/** Actors on a site, the commands they are given, and all that they tell. */
export class Cast {
  readonly site: Site;
  readonly #options: CastOptions;
  readonly #watch: Watch = new Watch();
  /** Those that are there, and those that ever were. */
  readonly #actors: Map<string, ActorHandle> = new Map();
  readonly #started: ActorHandle[] = [];
  /** Who has the part of another actor. */
  readonly #doubles: Map<string, string> = new Map();
  readonly #clients: Map<string, { readonly actor: string; readonly id: string }> = new Map();
  #messages = 0;
  #step = '';
  #asks = 0;

  constructor(site: Site, options: CastOptions) {
    this.site = site;
    this.#options = options;
  }

  get trace(): readonly Entry[] {
    return this.#watch.trace;
  }

  /** The actors that are there. */
  get actors(): readonly string[] {
    return [...this.#actors.keys()];
  }

  /** The actor that has this part. */
  named(part: string): string {
    return this.#doubles.get(part) ?? part;
  }

  /** Between an actor and the broker. */
  wire(actor: string): Wire {
    return this.#actor(actor).wire;
  }

  /** Labels are of this step from now on. */
  begin(step: string): void {
    this.#step = step;
    this.#asks = 0;
  }

  /** They are called by these names, whichever of them are one and the same. */
  async start(...names: readonly string[]): Promise<void> {
    const { actorsMax, ...options } = this.#options;
    const listener = (entry: Entry) => this.#watch.add(entry);
    for (const name of names.slice(0, actorsMax)) {
      const actor = await this.site.start({ ...options, name }, listener);
      this.#started.push(actor);
      this.#actors.set(name, actor);
    }
    const last = names[actorsMax - 1];
    if (last !== undefined)
      for (const name of names.slice(actorsMax)) this.#doubles.set(name, last);
  }

  /** Resolves when the client's conversation is open. */
  async connect(actor: string, client: string, id: string | null = null): Promise<void> {
    const got = await this.#do(actor, { do: 'connect', client, id });
    if (typeof got !== 'string') throw new Error(`${client} gets no node`);
    this.#clients.set(client, { actor: this.named(actor), id: got });
    await this.sees('opened', (entry) => entry.client === client);
    await this.#spread(actor);
  }

  /** A client that is not let in, or not for long. */
  async connectInVain(actor: string, client: string, id: string): Promise<void> {
    await this.#do(actor, { do: 'connectInVain', client, id });
    await this.sees('closed', (entry) => entry.client === client);
  }

  /** Resolves when its node is gone. */
  async disconnect(client: string): Promise<void> {
    const { actor, id } = this.#client(client);
    const before = this.#watch.count('left', (entry) => entry.node === id);
    await this.#do(actor, { do: 'disconnect', client });
    this.#clients.delete(client);
    await this.sees('left', (entry) => entry.node === id, before + 1);
    await this.#spread(actor);
  }

  /** The client is not there any more: its actor has been told by others. */
  forget(client: string): void {
    this.#clients.delete(client);
  }

  server(actor: string): Party {
    return { actor: this.named(actor), side: 'server', client: null };
  }

  node(client: string): Party {
    return { actor: this.#client(client).actor, side: 'node', client };
  }

  client(client: string): Party {
    return { ...this.node(client), side: 'client' };
  }

  /** The clients of an actor, or all. */
  clients(actor: string | null = null): readonly string[] {
    const all = [...this.#clients];
    const own = actor === null ? all : all.filter(([, its]) => its.actor === this.named(actor));
    return own.map(([name]) => name);
  }

  idOf(client: string): string {
    return this.#client(client).id;
  }

  async ask(line: Line): Promise<Exchange> {
    const [exchange] = await this.askAll([line]);
    return exchange as Exchange;
  }

  /** What an actor asks of all this it asks in one turn. */
  async askAll(lines: readonly Line[]): Promise<readonly Exchange[]> {
    const asks = lines.map((line) => ({ actor: line.from.actor, ask: this.#askOf(line) }));
    for (const actor of new Set(asks.map((each) => each.actor))) {
      const own = asks.filter((each) => each.actor === actor).map(({ ask }) => ask);
      await this.#do(actor, { do: 'ask', asks: own });
    }
    return asks.map(({ ask }) => new Exchange(ask.label, this.#watch));
  }

  async cancel({ label }: Exchange): Promise<void> {
    for (const actor of this.actors) await this.#do(actor, { do: 'cancel', label });
  }

  async release({ label }: Exchange): Promise<void> {
    for (const actor of this.actors) await this.#do(actor, { do: 'release', label });
  }

  /** A client takes what its socket brings, or leaves it there. */
  async read(client: string, isReading: boolean): Promise<void> {
    await this.#do(this.#client(client).actor, { do: 'read', client, isReading });
  }

  /** Whether all of so many long texts have left for a node, of which there is no trace. */
  async flood(from: string, to: string, count: number, chars: number): Promise<boolean> {
    const words = { from: this.server(from), to: this.idOf(to), count, chars };
    return (await this.#do(from, { do: 'flood', ...words })) === true;
  }

  /** Resolves when the actor goes on, after it has stood still for so long. */
  freeze(actor: string, ms: number): Promise<void> {
    return this.#actor(actor).freeze(ms);
  }

  /** Resolves when every actor has come to have an answer of every node. */
  async reachAll(): Promise<void> {
    const ids = this.clients().map((client) => this.idOf(client));
    await Promise.all(ids.map((id) => this.reach(id, 'ok')));
  }

  /** Resolves when what every actor asks of the node has come to end so. */
  async reach(to: string, until: 'ok' | 'unreachable/no'): Promise<void> {
    await Promise.all(
      this.actors.map((actor) => {
        return this.#do(actor, { do: 'reach', from: this.server(actor), to, until });
      }),
    );
  }

  /** Resolves when so many entries of a kind have come that match. */
  sees<What extends Entry['what']>(
    what: What,
    matches: (entry: EntryOf<What>) => boolean,
    count = 1,
  ): Promise<readonly EntryOf<What>[]> {
    return this.#watch.sees(what, matches, { count, where: `in ${this.#step}` });
  }

  /** Resolves when this has happened once more to each of these actors than before `act`. */
  async eachSees(
    what: 'linked' | 'unlinked',
    act: () => Promise<void> | void,
    actors: readonly string[] = this.actors,
  ): Promise<void> {
    const counts = actors.map((name) => ({
      name,
      count: this.#watch.count(what, ({ actor }) => actor === name),
    }));
    await act();
    for (const { name, count } of counts) {
      await this.sees(what, ({ actor }) => actor === name, count + 1);
    }
  }

  /** Resolves when all that actors have told so far is in the trace. */
  async settle(): Promise<void> {
    await Promise.all(this.actors.map((actor) => this.#do(actor, { do: 'count' })));
  }

  async crash(name: string): Promise<void> {
    const actor = this.#actor(name);
    await this.#count(actor);
    await actor.crash();
    this.#gone(name);
  }

  /** Its server is closed; the clients have been told. */
  async close(name: string): Promise<void> {
    const actor = this.#actor(name);
    await actor.do({ do: 'close' });
    await this.#count(actor);
    this.#gone(name);
  }

  /** How many messages went to the broker; afterwards nobody is there any more. */
  async end(): Promise<number> {
    try {
      for (const actor of this.#actors.values()) await this.#count(actor);
    } finally {
      await Promise.all(this.#started.map((actor) => actor.end()));
    }
    return this.#messages;
  }

  /**
   * Where servers tell each other in their own time who hears what: the others hear from this actor
   * now, and so know what it has subscribed to, and what not any more.
   */
  async #spread(actor: string): Promise<void> {
    const from = this.server(actor);
    if (!this.site.isGradual || !this.#watch.isLinked(from.actor)) return;
    const others = this.actors.filter((name) => name !== from.actor && this.#watch.isLinked(name));
    const nodes = others.flatMap((other) => this.clients(other).slice(0, 1));
    for (const node of nodes) {
      await this.#do(actor, { do: 'reach', from, to: this.idOf(node), until: 'ok' });
    }
  }

  async #count(actor: ActorHandle): Promise<void> {
    this.#messages += Number(await actor.do({ do: 'count' }));
  }

  #gone(name: string): void {
    this.#actors.delete(this.named(name));
    for (const client of this.clients(name)) this.#clients.delete(client);
  }

  async #do(actor: string, command: Command): Promise<unknown> {
    return await this.#actor(actor).do(command);
  }

  #actor(name: string): ActorHandle {
    const actor = this.#actors.get(this.named(name));
    if (actor === undefined) throw new TypeError(`there is no actor ${name}`);
    return actor;
  }

  #client(name: string): { readonly actor: string; readonly id: string } {
    const client = this.#clients.get(name);
    if (client === undefined) throw new TypeError(`there is no client ${name}`);
    return client;
  }

  #askOf({ from, to, args = [], ...rest }: Line): Ask {
    this.#asks += 1;
    const label = `${this.#step} ${this.#asks}`;
    const id = to === undefined ? null : (this.#clients.get(to)?.id ?? to);
    return { label, side: from.side, client: from.client, to: id, args, ...rest };
  }
}
