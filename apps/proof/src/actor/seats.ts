import {
  type Calls,
  type Client,
  createClient,
  type Node,
  type NodeCalls,
  type Server,
  SwarmError,
  swarmJson,
} from '@swarm/core';
import type { Ask } from './command.ts';
import { type Proof, proof } from './contract.ts';
import { type Desk, handleClient } from './handlers.ts';
import type { Journal } from './journal.ts';
import { PairedSocket } from './paired-socket.ts';
import { overSocket, type Speaker, throughSwarm } from './speaker.ts';

interface Seat {
  readonly client: Client<Proof>;
  readonly node: Node<Proof>;
  readonly socket: PairedSocket;
}

/** The clients of an actor, each with its node. They live in the same process. */
export class Seats {
  readonly #server: Server<Proof>;
  readonly #journal: Journal;
  readonly #desk: Desk;
  /** By the name the client has in the scenario. */
  readonly #seats: Map<string, Seat> = new Map();

  constructor(server: Server<Proof>, journal: Journal, desk: Desk) {
    this.#server = server;
    this.#journal = journal;
    this.#desk = desk;
  }

  get names(): readonly string[] {
    return [...this.#seats.keys()];
  }

  /**
   * The id of the new node, or null when there could be none. Whether a client that will not be
   * let in gets so far as to be open is a race, and of no interest.
   */
  async connect(name: string, id: string | null, isInVain = false): Promise<string | null> {
    const [near, far] = PairedSocket.pair((code, reason) => {
      const node = client.id ?? id;
      this.#journal.record({ what: 'closed', client: name, node, code, reason });
    });
    const client = createClient(near, { contract: proof });
    handleClient(client, this.#desk);
    client.events.on('open', () => {
      if (!isInVain) this.#journal.record({ what: 'opened', client: name, node: client.id });
    });
    try {
      const options = { dialect: swarmJson, ...(id !== null && { id }) };
      const node = await this.#server.createNode(far, options);
      this.#seats.set(name, { client, node, socket: near });
      return node.id;
    } catch (error) {
      const subtype = SwarmError.is(error) ? error.subtype : null;
      this.#journal.record({ what: 'unmade', client: name, subtype });
      return null;
    }
  }

  disconnect(name: string): void {
    this.#seat(name).client.close();
  }

  read(name: string, isReading: boolean): void {
    this.#seat(name).socket.read(isReading);
  }

  /** Id of the node of a client. */
  idOf(name: string): string {
    return this.#seat(name).node.id;
  }

  /** Name of the client whose node this is. */
  clientOf(node: Node<Proof>): string | null {
    return this.names.find((name) => this.#seats.get(name)?.node === node) ?? null;
  }

  /** Whoever makes this request. A command decides what is asked, so no contract can type it. */
  speakerOf({ side, client, kind }: Pick<Ask, 'side' | 'client' | 'kind'>): Speaker {
    if (side === 'client') return overSocket(this.#seat(client).client as unknown as Untyped);
    const end = side === 'server' ? this.#server : this.#seat(client).node;
    if (kind === 'server') return throughSwarm(end as unknown as UntypedRouted);
    if (kind === 'remoteClient') return throughSwarm(end.remoteClient as unknown as UntypedRouted);
    return overSocket(this.#seat(client).node.client as unknown as Untyped);
  }

  #seat(name: string | null): Seat {
    const seat = this.#seats.get(name ?? '');
    if (seat === undefined) throw new TypeError(`there is no client ${name}`);
    return seat;
  }
}

type Untyped = Calls<'untyped'>;
type UntypedRouted = NodeCalls<'untyped'>;
