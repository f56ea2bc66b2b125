import type { Server } from '@swarm/core';
import type { Demo, Member, ServerName } from './contract.ts';

/** What `accept` says of a client. */
export interface Visitor {
  readonly isSimulated: boolean;
}

/**
 * Who is connected to which server, told to every client as it changes. Both servers live in this
 * process and share it; on machines of their own they would tell each other.
 */
export class Roster {
  readonly #members: Map<string, Member> = new Map();
  readonly #servers: Server<Demo>[] = [];

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  watch(server: Server<Demo>, name: ServerName): void {
    this.#servers.push(server);
    server.events.on('joined', (id) => {
      const member = { id, server: name, isSimulated: isSimulated(server.nodes.get(id)?.auth) };
      this.#members.set(id, member);
      for (const node of this.#nodes()) node.client.emit('joined', member);
    });
    server.events.on('left', (id) => {
      const member = this.#members.get(id);
      // Who moved to the other server is there already.
      if (member?.server !== name) return;
      this.#members.delete(id);
      for (const node of this.#nodes()) node.client.emit('left', member);
    });
  }

  /** Let everybody see that `from` asked `to`; the two know. */
  asked(from: string, to: string): void {
    for (const node of this.#nodes()) {
      if (node.id !== from && node.id !== to) node.client.emit('asked', from, to);
    }
  }

  #nodes() {
    return this.#servers.flatMap((server) => [...server.nodes.values()]);
  }
}

export function isSimulated(auth: unknown): boolean {
  return (
    typeof auth === 'object' && auth !== null && 'isSimulated' in auth && auth.isSimulated === true
  );
}
