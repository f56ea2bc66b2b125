import { parseArgs } from 'node:util';
import type { BrokerKind } from '@swarm/conformance/brokers';
import { SERVER_NAMES, type ServerName } from './contract.ts';

/** Brokers the demo can start by itself, by the names of their adapters. */
const BROKERS: ReadonlyMap<string, BrokerKind> = new Map([
  ['redis', 'redis'],
  ['nats', 'nats'],
  ['amqp', 'rabbitmq'],
]);

/** What carries the swarm: a broker that runs already, one to be started, or none. */
export type Carrier =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'own'; readonly broker: BrokerKind };

export interface Options {
  readonly isCheck: boolean;
  readonly port: number;
  readonly host: string | undefined;
  readonly carrier: Carrier;
  /** A process for each of these servers; null for the usual two in one. */
  readonly processes: readonly ServerName[] | null;
}

const MEMORY = 'memory:demo';

/** @throws Error that says what to write instead. */
export function parseOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      check: { type: 'boolean', default: false },
      port: { type: 'string' },
      host: { type: 'string' },
      processes: { type: 'string' },
      broker: { type: 'string' },
    },
  });
  const carrier = carrierOf(values.broker, env['SWARM_URL']);
  const processes = values.processes === undefined ? null : namesOf(values.processes);
  if (processes !== null && carrier.kind === 'url' && carrier.url.startsWith('memory:')) {
    throw new Error(
      'memory ends where its process does: --processes needs a broker. Let the demo start one by ' +
        '--broker redis, nats or amqp, or name yours by SWARM_URL=redis://…, nats://… or amqp://…',
    );
  }
  const port = portOf(values.port ?? env['PORT'] ?? '8080');
  return { isCheck: values.check, port, host: values.host, carrier, processes };
}

function carrierOf(broker: string | undefined, url: string | undefined): Carrier {
  if (broker === undefined) return { kind: 'url', url: url || MEMORY };
  const known = BROKERS.get(broker);
  if (known === undefined) throw new Error(`--broker is ${[...BROKERS.keys()].join(' or ')}`);
  return { kind: 'own', broker: known };
}

function namesOf(text: string): readonly ServerName[] {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 2 || count > SERVER_NAMES.length) {
    throw new Error(`--processes is a number from 2 to ${SERVER_NAMES.length}`);
  }
  return SERVER_NAMES.slice(0, count);
}

function portOf(text: string): number {
  const port = Number(text);
  if (text !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error('a port is a number from 0 to 65535');
}
