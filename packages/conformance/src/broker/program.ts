import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { BrokerKind } from './broker.ts';

interface Program {
  readonly name: string;
  /** The environment variable that names another. */
  readonly variable: string;
  /** Where else it is looked for: not every user has these in PATH. */
  readonly folders: readonly string[];
}

const PROGRAMS: Readonly<Record<BrokerKind, Program>> = {
  redis: { name: 'redis-server', variable: 'REDIS_SERVER', folders: [] },
  nats: { name: 'nats-server', variable: 'NATS_SERVER', folders: ['/usr/sbin'] },
  rabbitmq: {
    name: 'rabbitmq-server',
    variable: 'RABBITMQ_SERVER',
    folders: ['/usr/sbin', '/usr/lib/rabbitmq/bin'],
  },
};

type Environment = Readonly<Record<string, string | undefined>>;

/** What is known of a broker on this machine. */
export interface Finding {
  /** Path of a program that can be run. */
  readonly found: string | null;
  /** Whether the environment names one: then no other will do. */
  readonly isNamed: boolean;
  /** Whether a missing broker is a failure. */
  readonly isCi: boolean;
}

/** Looks at the variable of this broker, then through PATH and where else it may be. */
export function findBroker(kind: BrokerKind, env: Environment): Finding {
  const { name, variable, folders } = PROGRAMS[kind];
  const named = env[variable] ?? '';
  const isNamed = named !== '';
  const inPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = isNamed
    ? [named]
    : [...inPath, ...folders].map((folder) => join(folder, name));
  return { found: candidates.find(isProgram) ?? null, isNamed, isCi: env['CI'] === 'true' };
}

/** What to say of a broker that is not there. */
export function missingText(kind: BrokerKind, { isNamed }: Finding): string {
  const { name, variable } = PROGRAMS[kind];
  if (isNamed) return `${variable} names no program`;
  return `there is no ${name}. Name one by ${variable}, or install it`;
}

/**
 * Path of the broker's program.
 *
 * @throws Error when there is none, saying how to name one.
 */
export function programOf(kind: BrokerKind): string {
  const finding = findBroker(kind, process.env);
  if (finding.found === null) throw new Error(missingText(kind, finding));
  return finding.found;
}

/**
 * Whether tests can use this broker, as in `describe.runIf(requireBroker('redis'))`. What is not
 * there is skipped.
 *
 * @throws Error where a missing broker is a failure: with `CI=true`, and with a variable that names
 * no program.
 */
export function requireBroker(kind: BrokerKind, env: Environment = process.env): boolean {
  const finding = findBroker(kind, env);
  if (finding.found !== null) return true;
  if (finding.isNamed || finding.isCi) throw new Error(missingText(kind, finding));
  return false;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
