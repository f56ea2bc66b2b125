import type { BrokerTls } from './broker.ts';
import type { Question } from './question.ts';
import type { Command } from './tethered.ts';

/** What one broker is started from. */
export interface Site {
  readonly program: string;
  /** Its own, for whatever it writes. */
  readonly folder: string;
  /** For clients first, then as many more as the recipe asks for. */
  readonly ports: readonly number[];
  /** Lines for its configuration file, in its own language. */
  readonly config: readonly string[];
  readonly tls: BrokerTls | null;
}

/** A process of a broker, and how it is seen to work. */
export interface Part {
  readonly command: Command;
  readonly port: number;
  readonly question: Question;
}

/** How brokers of one kind are run. */
export interface Recipe {
  readonly portCount: number;
  /** Longest it may take to start. */
  readonly startMsMax: number;
  /** Of the URL that clients are given, without and with TLS. */
  readonly schemes: readonly [plain: string, secure: string];
  /** Writes its files and says what to run: the broker last, after what it depends on. */
  readonly prepare: (site: Site) => Promise<readonly [...Part[], Part]>;
}

/** How brokers of one kind are run as one. */
export interface ClusterRecipe {
  readonly nodeCount: number;
  /** Of each node. */
  readonly portCount: number;
  /** Longest that one node, and then the cluster, may take to work. */
  readonly startMsMax: number;
  readonly schemes: readonly [plain: string, secure: string];
  /** As for a single one, with the sites of all nodes, its own among them. */
  readonly prepare: (site: Site, all: readonly Site[]) => Promise<readonly [...Part[], Part]>;
  /** Whether these nodes, which are all that run, know each other and work together. */
  readonly isFormed: (running: readonly Site[]) => Promise<boolean>;
}
