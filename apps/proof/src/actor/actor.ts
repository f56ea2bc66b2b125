import {
  createServer,
  type Node,
  openSwarm,
  type Server,
  type Swarm,
  SwarmError,
} from '@swarm/core';
import type { ActorOptions, Ask, Command, TrafficPlan } from './command.ts';
import { type Proof, proof } from './contract.ts';
import { CountedSwarm } from './counted-swarm.ts';
import { factoriesBy } from './factories.ts';
import { addDoubling, type Ctx, type Desk, handleNodes, type Relayed } from './handlers.ts';
import { Journal, type Listener, labelOf } from './journal.ts';
import { Requests } from './requests.ts';
import { Seats } from './seats.ts';
import { Traffic } from './traffic.ts';

interface Parts {
  readonly name: string;
  readonly server: Server<Proof>;
  readonly swarm: CountedSwarm;
  readonly journal: Journal;
}

/**
 * One process of a swarm, or what stands for one: a server, its nodes and their clients. It does
 * what it is told, and tells what happens.
 */
export class Actor implements Desk {
  readonly #parts: Parts;
  readonly #seats: Seats;
  readonly #requests: Requests;
  /** Answers that are held back, by label. */
  readonly #held: Map<string, (answer: string) => void> = new Map();
  #traffic: Traffic | null = null;

  private constructor(parts: Parts) {
    const { server, journal } = parts;
    this.#parts = parts;
    this.#seats = new Seats(server, journal, this);
    this.#requests = new Requests(this.#seats, journal);
    handleNodes(server, this);
    journal.watch(server);
  }

  /** Resolves when it can be reached. `wrap` puts something between it and its swarm. */
  static async start(
    options: ActorOptions,
    listener: Listener,
    wrap: (swarm: Swarm) => Swarm = (swarm) => swarm,
  ): Promise<Actor> {
    const { name, url, namespace, takeover, isDoubling } = options;
    const swarm = new CountedSwarm(wrap(openSwarm(url, factoriesBy(options))));
    const server = await createServer({ swarm, namespace, takeover, contract: proof });
    if (isDoubling) addDoubling(server);
    return new Actor({ name, server, swarm, journal: new Journal(name, listener) });
  }

  async do(command: Command): Promise<unknown> {
    switch (command.do) {
      case 'connect':
        return this.#seats.connect(command.client, command.id);
      case 'connectInVain':
        return this.#seats.connect(command.client, command.id, true);
      case 'disconnect':
        return this.#seats.disconnect(command.client);
      case 'ask':
        for (const ask of command.asks) this.#ask(ask);
        return null;
      case 'cancel':
        return this.#requests.cancel(command.label);
      case 'release':
        return this.#held.get(command.label)?.('released');
      case 'reach':
        return this.#requests.reach(command);
      case 'read':
        return this.#seats.read(command.client, command.isReading);
      case 'flood':
        return this.#requests.flood(command);
      case 'traffic':
        return this.#start(command.plan);
      case 'halt':
        this.#traffic?.stop();
        return this.#requests.idle();
      case 'count':
        return this.#parts.swarm.messages;
      case 'close':
        return this.#parts.server.close();
    }
  }

  /** Nothing that happens to it is told any more. */
  silence(): void {
    this.#parts.journal.end();
  }

  // Desk

  ran(ctx: Ctx, side: 'node' | 'client', node: string): void {
    this.#parts.journal.ran(ctx, side, node);
  }

  hold(ctx: Ctx, side: 'node' | 'client', node: string): Promise<string> {
    const label = labelOf(ctx) ?? '';
    const { signal } = ctx;
    return new Promise((resolve) => {
      const answer = (text: string) => {
        this.#held.delete(label);
        resolve(text);
      };
      this.#held.set(label, answer);
      signal.addEventListener('abort', () => {
        const { reason } = signal;
        const subtype = SwarmError.is(reason) ? reason.subtype : null;
        this.#parts.journal.record({ what: 'aborted', label, side, node, subtype });
        answer('nobody waits for it any more');
      });
    });
  }

  relay(ctx: Ctx<Node<Proof>>, { to, kind, value }: Relayed): Promise<unknown> {
    const client = this.#seats.clientOf(ctx.node);
    const label = `${labelOf(ctx)}+`;
    const ask = { label, side: 'node' as const, client, kind, to, name: 'echo', args: [value] };
    return this.#requests.ask(ask);
  }

  #start(plan: TrafficPlan): void {
    const crowd = { actor: this.#parts.name, clients: this.#seats.names };
    this.#traffic = new Traffic(crowd, plan, (ask) => this.#ask(ask));
  }

  #ask(ask: Ask): void {
    // How it fails is in the journal.
    if (ask.isEvent !== true) this.#requests.ask(ask).catch(() => {});
    else this.#requests.tell(ask);
  }
}
