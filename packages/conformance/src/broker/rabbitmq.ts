import { realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HOST } from './port.ts';
import type { Part, Recipe, Site } from './recipe.ts';

/**
 * RabbitMQ as a node without neighbours, plugins, or a share in the machine's other RabbitMQ: name,
 * cookie, folders and the port mapper of Erlang are its own. What is durable survives a restart.
 */
export const RABBITMQ: Recipe = {
  portCount: 3,
  startMsMax: 60_000,
  schemes: ['amqp', 'amqps'],
  prepare: async (site): Promise<readonly [Part, Part]> => {
    const [, , mapperPort = 0] = site.ports;
    const env = { HOME: site.folder, ERL_EPMD_PORT: `${mapperPort}` };
    return [mapper(mapperPort), await node(site, env)];
  },
};

/** What nodes have to have in common to know each other. */
export interface Neighbourhood {
  /** The folder of the cookie, which is made there if there is none. */
  readonly HOME: string;
  readonly ERL_EPMD_PORT: string;
}

/** Writes the files of a node, and says how to run it. */
export async function node(site: Site, neighbourhood: Neighbourhood): Promise<Part> {
  const [port = 0, distributionPort = 0] = site.ports;
  const env = {
    ...environment(site.folder),
    ...neighbourhood,
    RABBITMQ_NODENAME: nodeName(site),
    RABBITMQ_DIST_PORT: `${distributionPort}`,
  };
  await writeFile(configPath(site.folder), configuration(site, port));
  await writeFile(pluginsPath(site.folder), '[].');
  return broker({ ...site, program: await script(site.program) }, port, env);
}

export function nodeName({ ports: [port] }: Site): string {
  return `swarm-${port}@localhost`;
}

/** Past Debian's wrapper in PATH, which runs the script as another user and stays in between. */
export async function script(program: string): Promise<string> {
  const path = await realpath(program);
  if (basename(path) !== 'rabbitmq-script-wrapper') return program;
  return join(dirname(path), 'rabbitmq-server');
}

/** By its own program, for the one that a node would start by itself stays for ever. */
export function mapper(port: number): Part {
  return {
    command: { program: 'epmd', args: ['-address', HOST, '-port', `${port}`] },
    port,
    question: {
      isSecure: false,
      // NAMES_REQ of the Erlang distribution protocol; the answer begins with the mapper's port.
      bytes: Uint8Array.of(0, 1, 110),
      isAnswer: (bytes) => bytes.length >= 4 && bytes.readUInt32BE() === port,
    },
  };
}

function broker({ program, tls }: Site, port: number, env: Readonly<Record<string, string>>): Part {
  return {
    command: { program, args: [], env },
    port,
    question: {
      isSecure: tls !== null,
      bytes: Buffer.from('AMQP\0\0\x09\x01', 'latin1'),
      // AMQP 0-9-1 §4.2.2: the server answers the protocol header by connection.start, a frame of
      // type 1 on channel 0.
      isAnswer: (bytes) => bytes.subarray(0, 3).equals(Uint8Array.of(1, 0, 0)),
    },
  };
}

function environment(folder: string): Record<string, string> {
  return {
    ERL_EPMD_ADDRESS: HOST,
    ERL_CRASH_DUMP_SECONDS: '0',
    RABBITMQ_CONFIG_FILE: configPath(folder),
    RABBITMQ_ENABLED_PLUGINS_FILE: pluginsPath(folder),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'logs'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'config'),
    RABBITMQ_PID_FILE: join(folder, 'rabbitmq.pid'),
    // None of these is there; those of the machine are not to be read.
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    // With input the script becomes the node, whose process id is then the one we know; and the
    // node is told to do without input all the same.
    RABBITMQ_ALLOW_INPUT: 'true',
    RABBITMQ_SERVER_START_ARGS: '-noinput',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
  };
}

function configuration({ config, tls }: Site, port: number): string {
  const listeners =
    tls === null
      ? [`listeners.tcp.local = ${HOST}:${port}`]
      : [
          ...['listeners.tcp = none', `listeners.ssl.local = ${HOST}:${port}`],
          ...[`ssl_options.certfile = ${tls.certPath}`, `ssl_options.keyfile = ${tls.keyPath}`],
        ];
  // A test is small; how full the disk is otherwise is not its matter.
  const lines = [...listeners, 'disk_free_limit.absolute = 1MB', ...config];
  return `${lines.join('\n')}\n`;
}

function configPath(folder: string): string {
  return join(folder, 'rabbitmq.conf');
}

function pluginsPath(folder: string): string {
  return join(folder, 'enabled_plugins');
}
