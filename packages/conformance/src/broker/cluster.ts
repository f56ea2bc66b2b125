import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, BrokerKind, BrokerOptions } from './broker.ts';
import { NATS_CLUSTER } from './cluster-nats.ts';
import { RABBITMQ_CLUSTER } from './cluster-rabbitmq.ts';
import { REDIS_CLUSTER } from './cluster-redis.ts';
import { type ReservedPort, reservePort } from './port.ts';
import { programOf } from './program.ts';
import type { ClusterRecipe, Site } from './recipe.ts';
import { RunningBroker } from './running.ts';
import { isPortTaken } from './start.ts';

/** Brokers of the test's own that work as one; each can be killed and started by itself. */
export interface BrokerCluster {
  readonly kind: BrokerKind;
  /** Of all nodes, as the adapter takes it: `nats://127.0.0.1:20000,127.0.0.1:20001`. */
  readonly url: string;
  readonly nodes: readonly Broker[];
  /** SIGKILL to all of them at once. */
  kill(): Promise<void>;
  /** Of all of them, killed first if they run. Resolves as {@link formed} does. */
  restart(): Promise<void>;
  /** Resolves when the nodes that run know each other, and work together. */
  formed(): Promise<void>;
  /** Leaves neither processes nor folders. Idempotent, and final. */
  stop(): Promise<void>;
}

/** Of one start, when others take a port between its reservation and its use. */
const TRIES_MAX = 5;
const ASK_EVERY_MS = 50;

const RECIPES: Readonly<Record<BrokerKind, ClusterRecipe>> = {
  nats: NATS_CLUSTER,
  rabbitmq: RABBITMQ_CLUSTER,
  redis: REDIS_CLUSTER,
};

/** Lines for the configuration file of every node. */
type ClusterOptions = Pick<BrokerOptions, 'config'>;

/**
 * Resolves when all nodes work together.
 *
 * @throws Error when their program is missing, and when they do not come to that.
 */
export async function startCluster(
  kind: BrokerKind,
  { config = [] }: ClusterOptions = {},
): Promise<BrokerCluster> {
  const recipe = RECIPES[kind];
  const program = programOf(kind);
  for (let tries = 1; ; tries += 1) {
    const cluster = await RunningCluster.reserve(kind, recipe, { program, config });
    try {
      await cluster.start();
      return cluster;
    } catch (error) {
      await cluster.stop();
      if (tries === TRIES_MAX || !isPortTaken(error)) throw error;
    }
  }
}

/** A node, and what it is started from. */
interface Member {
  readonly broker: RunningBroker;
  readonly site: Site;
}

/** What all nodes are started from. */
type MemberBase = Pick<Site, 'program' | 'config'>;

class RunningCluster implements BrokerCluster {
  readonly kind: BrokerKind;
  readonly url: string;
  readonly #recipe: ClusterRecipe;
  readonly #members: readonly Member[];
  #stopped: Promise<void> | null = null;

  static async reserve(
    kind: BrokerKind,
    recipe: ClusterRecipe,
    base: MemberBase,
  ): Promise<RunningCluster> {
    const members: Member[] = [];
    while (members.length < recipe.nodeCount) {
      members.push(await reserveMember(kind, recipe, base));
    }
    return new RunningCluster(kind, recipe, members);
  }

  private constructor(kind: BrokerKind, recipe: ClusterRecipe, members: readonly Member[]) {
    this.kind = kind;
    const places = members.map(({ broker }) => new URL(broker.url).host);
    this.url = `${recipe.schemes[0]}://${places.join()}`;
    this.#recipe = recipe;
    this.#members = members;
  }

  get nodes(): readonly Broker[] {
    return this.#members.map(({ broker }) => broker);
  }

  async start(): Promise<void> {
    const { prepare } = this.#recipe;
    const sites = this.#members.map(({ site }) => site);
    await this.#each(async ({ broker, site }) => broker.start(await prepare(site, sites)));
    await this.formed();
  }

  async kill(): Promise<void> {
    await this.#each(({ broker }) => broker.kill());
  }

  async restart(): Promise<void> {
    // All at once: some nodes wait for others before they answer.
    await this.#each(({ broker }) => broker.restart());
    await this.formed();
  }

  async formed(): Promise<void> {
    const deadlineMs = performance.now() + this.#recipe.startMsMax;
    const running = this.#members.filter(({ broker }) => broker.isRunning);
    const sites = running.map(({ site }) => site);
    while (!(await this.#recipe.isFormed(sites))) {
      if (performance.now() > deadlineMs) throw new Error(`no cluster came about at ${this.url}`);
      await sleep(ASK_EVERY_MS);
    }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#each(({ broker }) => broker.stop());
    return this.#stopped;
  }

  /** What one of them fails with is told when all have come to an end. */
  async #each(act: (member: Member) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.#members.map(act));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }
}

async function reserveMember(
  kind: BrokerKind,
  { portCount, schemes: [scheme], startMsMax }: ClusterRecipe,
  base: MemberBase,
): Promise<Member> {
  const reserved: ReservedPort[] = [];
  while (reserved.length < portCount) reserved.push(await reservePort());
  const folder = await mkdtemp(join(tmpdir(), `swarm-${kind}-`));
  const broker = new RunningBroker({ kind, scheme, folder, reserved, startMsMax });
  const ports = reserved.map(({ port }) => port);
  return { broker, site: { ...base, folder, ports, tls: null } };
}
