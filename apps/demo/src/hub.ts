import type { Node, Server, Socket, SocketHost } from '@swarm/core';
import type { Demo, Member, Place, ServerName } from './contract.ts';
import { isSimulated, type Roster } from './roster.ts';

/** A server asks the others for their clients so often, in ms, and waits no longer for an answer; */
const BEAT_MS = 1_000;
/** and takes one for gone that misses so many in a row. */
const MISSES_MAX = 2;

export interface HubOptions {
  readonly name: ServerName;
  /** All servers, this one among them. */
  readonly names: readonly ServerName[];
  /** What carries the swarm. */
  readonly swarm: string;
}

interface Other {
  readonly name: ServerName;
  /** Null while it does not answer. */
  pid: number | null;
  misses: number;
}

/**
 * Where a server hears the others: a node like any other, but with a well-known id and without a
 * client. Joins and leaves are events from hub to hub. Those that get lost, with a broken link or
 * a process that was killed, are made up for by a request for the whole, at the start and with
 * every beat.
 */
export class Hub {
  readonly #server: Server<Demo>;
  readonly #roster: Roster;
  readonly #options: HubOptions;
  readonly #others: readonly Other[];
  #attempt = 0;

  constructor(server: Server<Demo>, roster: Roster, options: HubOptions) {
    this.#server = server;
    this.#roster = roster;
    this.#options = options;
    const others = options.names.filter((name) => name !== options.name);
    this.#others = others.map((name) => ({ name, pid: null, misses: 0 }));
    this.#tellOthers();
    this.#hearOthers();
    this.#watchLink();
  }

  /** Resolves when the others can reach this server, and all who answer have said who is there. */
  async open(): Promise<void> {
    await this.#server.createNode(new Nobody(), { id: hubOf(this.#options.name) });
    await this.#beat();
    const timer = setInterval(() => void this.#beat(), BEAT_MS);
    this.#server.events.on('close', () => clearInterval(timer));
  }

  /** Let everybody on every server see that `from` asked `to`. */
  asked(from: string, to: string): void {
    this.#roster.asked(from, to);
    for (const hub of this.#hubs()) this.#server.emit(hub, 'asked', from, to);
  }

  #tellOthers(): void {
    const { name: server } = this.#options;
    const { events, nodes } = this.#server;
    events.on('joined', (id) => {
      const node = nodes.get(id);
      if (node === undefined || isHub(id)) return;
      const member = this.#memberOf(node);
      this.#roster.join(member);
      for (const hub of this.#hubs()) this.#server.emit(hub, 'joined', member);
    });
    events.on('left', (id) => {
      const member = this.#roster.get(id);
      // Who has moved to another server is not ours to take away.
      if (member?.server !== server) return;
      this.#roster.leave(member);
      for (const hub of this.#hubs()) this.#server.emit(hub, 'left', member);
    });
  }

  #hearOthers(): void {
    this.#server.on('presence', (_ctx, from) => {
      const other = this.#others.find((one) => one.name === from);
      // Who is new here need not wait for a beat to be known.
      if (other?.pid === null) void this.#ask(other);
      return { pid: process.pid, members: [...this.#own] };
    });
    this.#server.on('joined', (_ctx, member) => this.#roster.join(member));
    this.#server.on('left', (_ctx, member) => this.#roster.leave(member));
    this.#server.on('asked', (_ctx, from, to) => this.#roster.asked(from, to));
  }

  #watchLink(): void {
    const { events } = this.#server;
    const changed = (attempt: number) => {
      this.#attempt = attempt;
      this.#tellPlace();
    };
    events.on('connection', (node) => this.#tellPlaceTo(node));
    events.on('linked', () => changed(0));
    events.on('unlinked', () => changed(0));
    events.on('relinking', ({ attempt }) => changed(attempt));
  }

  /** Ask all others. Without a link nobody can say whether they are there: they are kept. */
  async #beat(): Promise<void> {
    this.#roster.replace(this.#options.name, this.#own);
    if (this.#server.isLinked) await Promise.all(this.#others.map((other) => this.#ask(other)));
  }

  async #ask(other: Other): Promise<void> {
    const hub = this.#server.with({ timeoutMs: BEAT_MS }).call(hubOf(other.name));
    const asked = await hub.presence.safe(this.#options.name);
    if (asked.ok) {
      other.misses = 0;
      const { pid, members } = asked.result;
      this.#found(other, pid);
      // Of our own clients nobody knows better.
      const foreign = members.filter(({ id }) => !this.#server.nodes.has(id));
      this.#roster.replace(other.name, foreign);
    } else if (this.#server.isLinked) {
      other.misses += 1;
      if (other.misses < MISSES_MAX) return;
      this.#found(other, null);
      this.#roster.replace(other.name, []);
    }
  }

  #found(other: Other, pid: number | null): void {
    if (other.pid === pid) return;
    other.pid = pid;
    this.#tellPlace();
  }

  #tellPlace(): void {
    this.#roster.tell((node) => this.#tellPlaceTo(node));
  }

  #tellPlaceTo(node: Node<Demo>): void {
    node.client.emit('place', this.#place);
  }

  /** The clients of this server. */
  get #own(): readonly Member[] {
    const nodes = [...this.#server.nodes.values()].filter(({ id }) => !isHub(id));
    return nodes.map((node) => this.#memberOf(node));
  }

  #memberOf({ id, auth }: Node<Demo>): Member {
    return { id, server: this.#options.name, isSimulated: isSimulated(auth) };
  }

  get #place(): Place {
    const { name: server, names, swarm } = this.#options;
    const pidOf = (name: ServerName) => {
      const other = this.#others.find((one) => one.name === name);
      return other === undefined ? process.pid : other.pid;
    };
    const servers = names.map((name) => ({ name, pid: pidOf(name) }));
    return { server, servers, swarm, isLinked: this.#server.isLinked, attempt: this.#attempt };
  }

  #hubs(): readonly string[] {
    return this.#others.map(({ name }) => hubOf(name));
  }
}

/** With a character that no name of a client has. */
function hubOf(name: ServerName): string {
  return `hub.${name}`;
}

function isHub(id: string): boolean {
  return id.startsWith('hub.');
}

/** The other end of a node without a client. */
class Nobody implements Socket {
  #host: SocketHost | null = null;

  attach(host: SocketHost): void {
    this.#host = host;
  }

  send(): void {}

  close(code: number, reason: string): void {
    this.#host?.closed(code, reason);
  }
}
