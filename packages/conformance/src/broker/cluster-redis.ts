import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { HOST } from './port.ts';
import type { ClusterRecipe, Part, Site } from './recipe.ts';
import { REDIS } from './redis.ts';

const PRIMARIES = 3;
/** Slots of Redis Cluster, which its protocol fixes. */
const SLOTS = 16_384;
/** Silence after which a node is taken for dead. */
const NODE_TIMEOUT_MS = 1_000;
const ANSWER_MS_MAX = 1_000;

/** A Redis Cluster of three primaries and then a replica of each, in the same order. */
export const REDIS_CLUSTER: ClusterRecipe = {
  nodeCount: 2 * PRIMARIES,
  portCount: 2,
  startMsMax: 20_000,
  schemes: REDIS.schemes,
  async prepare(site, all): Promise<readonly [...Part[], Part]> {
    // As if they had found each other before: then nothing is left to be said to them.
    await writeFile(join(site.folder, 'nodes.conf'), nodesOf(site, all));
    const [, busPort = 0] = site.ports;
    const config = [
      ...['cluster-enabled yes', 'cluster-config-file nodes.conf', `cluster-port ${busPort}`],
      ...[`cluster-node-timeout ${NODE_TIMEOUT_MS}`, 'cluster-replica-validity-factor 0'],
      ...['repl-diskless-sync-delay 0', ...site.config],
    ];
    return REDIS.prepare({ ...site, config });
  },
  async isFormed(running): Promise<boolean> {
    const ports = new Set(running.map(portOf));
    const views = await Promise.all([...ports].map((port) => viewOf(port, ports)));
    return views.every((view) => view !== null && view === views[0]);
  },
};

/** What Redis keeps on its disk: a line for each node, then its memory of elections. */
function nodesOf(site: Site, all: readonly Site[]): string {
  const lines = all.map((node, i) => {
    const [port, busPort] = node.ports;
    const [shard, primary] = [i % PRIMARIES, all[i % PRIMARIES]];
    const slots = [shard, shard + 1].map((at) => Math.ceil((at * SLOTS) / PRIMARIES));
    const [from = 0, to = 0] = slots;
    const myself = node === site ? 'myself,' : '';
    const role =
      primary === node || primary === undefined
        ? `${myself}master - 0 0 ${shard + 1} connected ${from}-${to - 1}`
        : `${myself}slave ${idOf(primary)} 0 0 ${shard + 1} connected`;
    return `${idOf(node)} ${HOST}:${port}@${busPort} ${role}\n`;
  });
  return `${lines.join('')}vars currentEpoch ${PRIMARIES} lastVoteEpoch 0\n`;
}

function idOf({ folder }: Site): string {
  return createHash('sha1').update(folder).digest('hex');
}

function portOf({ ports: [port = 0] }: Site): number {
  return port;
}

/** Who has which slots, as the node at this port sees it; null while anything is amiss there. */
async function viewOf(port: number, running: ReadonlySet<number>): Promise<string | null> {
  const said = await ask(port, ['CLUSTER INFO', 'INFO replication', 'CLUSTER NODES']);
  if (!said.includes('cluster_state:ok') || said.includes('master_link_status:down')) return null;
  const present: string[] = [];
  for (const line of said.match(/^[\da-f]{40} .*$/gm) ?? []) {
    const [id, place = '', flags = '', primary, , , , link, ...slots] = line.split(' ');
    const role = flags.replace('myself,', '');
    if (running.has(Number(/:(\d+)@/.exec(place)?.[1]))) {
      if (!/^(master|slave)$/.test(role) || link !== 'connected') return null;
      present.push([id, role, primary, ...slots].join(' '));
    } else if (slots.length > 0) return null;
  }
  return present.length === running.size ? present.sort().join() : null;
}

/** All answers, one after the other; none from a server that is not there. */
async function ask(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, HOST).setTimeout(ANSWER_MS_MAX, () => socket.destroy());
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // What goes wrong ends in a close.
  socket.on('error', () => {});
  socket.write([...lines, 'QUIT', ''].join('\r\n'));
  await once(socket, 'close');
  return said;
}
