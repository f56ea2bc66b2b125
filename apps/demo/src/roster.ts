import type { Node, Server } from '@swarm/core';
import type { Demo, Member, ServerName } from './contract.ts';

/** What `accept` says of a client. */
export interface Visitor {
  readonly isSimulated: boolean;
}

/**
 * Who is connected to which server, as far as one of them knows: told to its own clients as it
 * changes. What the others know comes and goes by the hub.
 */
export class Roster {
  readonly #members: Map<string, Member> = new Map();
  readonly #server: Server<Demo>;

  constructor(server: Server<Demo>) {
    this.#server = server;
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  get(id: string): Member | undefined {
    return this.#members.get(id);
  }

  /** Those of one server. */
  of(name: ServerName): readonly Member[] {
    return this.members.filter(({ server }) => server === name);
  }

  join(member: Member): void {
    if (this.#members.get(member.id)?.server === member.server) return;
    this.#members.set(member.id, member);
    this.tell((node) => node.client.emit('joined', member));
  }

  /** Of the server it was on: who has moved to another is there already. */
  leave(member: Member): void {
    if (this.#members.get(member.id)?.server !== member.server) return;
    this.#members.delete(member.id);
    this.tell((node) => node.client.emit('left', member));
  }

  /** Exactly these are on that server. */
  replace(name: ServerName, members: readonly Member[]): void {
    const present = new Set(members.map(({ id }) => id));
    for (const member of this.of(name)) if (!present.has(member.id)) this.leave(member);
    for (const member of members) this.join(member);
  }

  /** Let everybody see that `from` asked `to`; the two know. */
  asked(from: string, to: string): void {
    this.tell((node) => {
      if (node.id !== from && node.id !== to) node.client.emit('asked', from, to);
    });
  }

  /** Something to every client of this server. */
  tell(something: (node: Node<Demo>) => void): void {
    for (const node of this.#server.nodes.values()) something(node);
  }
}

export function isSimulated(auth: unknown): boolean {
  return (
    typeof auth === 'object' && auth !== null && 'isSimulated' in auth && auth.isSimulated === true
  );
}
