import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker, BrokerKind, BrokerOptions } from './broker.ts';
import { NATS } from './nats.ts';
import { type ReservedPort, reservePort } from './port.ts';
import { programOf } from './program.ts';
import { RABBITMQ } from './rabbitmq.ts';
import type { Recipe } from './recipe.ts';
import { REDIS } from './redis.ts';
import { RunningBroker } from './running.ts';

const RECIPES: Readonly<Record<BrokerKind, Recipe>> = {
  redis: REDIS,
  nats: NATS,
  rabbitmq: RABBITMQ,
};

/** Of one start, when others take the port between its reservation and its use. */
const TRIES_MAX = 5;

/**
 * Resolves when the broker answers.
 *
 * @throws Error when its program is missing, and when it does not come to answer; then with the
 * end of what it logged.
 */
export async function startBroker(kind: BrokerKind, options: BrokerOptions = {}): Promise<Broker> {
  const program = programOf(kind);
  for (let tries = 1; ; tries += 1) {
    try {
      return await launch(kind, program, options);
    } catch (error) {
      if (tries === TRIES_MAX || !isPortTaken(error)) throw error;
    }
  }
}

async function launch(kind: BrokerKind, program: string, options: BrokerOptions): Promise<Broker> {
  const { config = [], tls } = options;
  const { portCount, startMsMax, schemes, prepare } = RECIPES[kind];
  const [plain, secure] = schemes;
  const reserved: ReservedPort[] = [];
  while (reserved.length < portCount) reserved.push(await reservePort());
  const ports = reserved.map(({ port }) => port);
  const folder = await mkdtemp(join(tmpdir(), `swarm-${kind}-`));
  const scheme = tls === undefined ? plain : secure;
  const broker = new RunningBroker({ kind, scheme, folder, reserved, startMsMax });
  try {
    await broker.start(await prepare({ program, folder, ports, config, tls: tls ?? null }));
    return broker;
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

/** By what the brokers say of it, each in its own log. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && /address already in use|eaddrinuse/i.test(error.message);
}
