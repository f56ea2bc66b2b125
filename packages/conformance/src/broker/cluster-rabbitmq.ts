import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logPathOf } from './part.ts';
import { answers } from './question.ts';
import { mapper, node, nodeName, RABBITMQ, script } from './rabbitmq.ts';
import type { ClusterRecipe, Part, Site } from './recipe.ts';

/** Of the mapper; a node takes longer. */
const MAPPER_MS_MAX = 10_000;
const ASK_EVERY_MS = 20;

/**
 * Three nodes that find each other by themselves, at every start. Cookie and port mapper are in the
 * folder of the first, and stay while nodes are killed.
 */
export const RABBITMQ_CLUSTER: ClusterRecipe = {
  nodeCount: 3,
  portCount: RABBITMQ.portCount,
  startMsMax: RABBITMQ.startMsMax,
  schemes: RABBITMQ.schemes,
  prepare: async (site, all): Promise<readonly [...Part[], Part]> => {
    const [first = site] = all;
    const [, , mapperPort = 0] = first.ports;
    const neighbourhood = { HOME: first.folder, ERL_EPMD_PORT: `${mapperPort}` };
    const part = await node(
      { ...site, config: [...configuration(all), ...site.config] },
      neighbourhood,
    );
    const shared = mapper(mapperPort);
    if (site === first) {
      await makeCookie(first.folder);
      return [shared, part];
    }
    await untilAnswering(shared);
    return [part];
  },
  isFormed: async (running) => {
    const views = await Promise.all(running.map(neighboursOf));
    const names = running.map(nodeName);
    return views.every((view, i) => names.every((name, j) => i === j || view.has(name)));
  },
};

function configuration(all: readonly Site[]): string[] {
  return [
    'cluster_formation.peer_discovery_backend = classic_config',
    ...all.map((site, i) => `cluster_formation.classic_config.nodes.${i + 1} = ${nodeName(site)}`),
    // One after another they look for a cluster to join; the first has nothing to wait for.
    'cluster_formation.discovery_retry_limit = 1',
    'cluster_formation.discovery_retry_interval = 100',
    // By default, nodes that had lost each other stay apart for ever; and by `pause_minority`, if
    // the one that was given up is back before it finds out.
    'cluster_partition_handling = autoheal',
  ];
}

/** Before any node starts, for all would make one of their own. */
async function makeCookie(folder: string): Promise<void> {
  const cookie = randomBytes(16).toString('hex');
  await writeFile(join(folder, '.erlang.cookie'), cookie, { mode: 0o400 });
}

async function untilAnswering({ command, port, question }: Part): Promise<void> {
  const deadlineMs = performance.now() + MAPPER_MS_MAX;
  while (!(await answers(port, question))) {
    if (performance.now() > deadlineMs) throw new Error(`${command.program} did not answer`);
    await sleep(ASK_EVERY_MS);
  }
}

/**
 * The nodes that this one takes for running, by its log: asking it takes a second, and half of one
 * processor.
 */
async function neighboursOf({ program, folder }: Site): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const log = await readFile(logPathOf(await script(program), folder), 'utf8');
  for (const [, name, news] of log.matchAll(
    / Starting RabbitMQ|rabbit on node '?(\S+?)'? (up|down)/g,
  )) {
    // It has started, and knows nobody.
    if (name === undefined) names.clear();
    else if (news === 'up') names.add(name);
    else names.delete(name);
  }
  return names;
}
