import { type Ground, onSwarm, type SwarmName } from './brokers.ts';
import { faultsOf } from './chaos/plan.ts';
import { resultOf as chaosResultOf } from './chaos/result.ts';
import { runChaos } from './chaos/run.ts';
import { compare, type RunResult, resultOf } from './comparison.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { performOn } from './perform-on.ts';
import { randomOf } from './random.ts';
import { type Performance, PROCESSES } from './scenario.ts';
import { chaosTable } from './tables/chaos-table.ts';
import { writeDocuments } from './tables/documents.ts';
import { keep } from './tables/results.ts';

const options = readOptions();
if (options?.what === 'scenario') await playScenario(options);
else if (options?.what === 'chaos')
  for (const swarm of options.swarms) await suffer(swarm, options);
else if (options?.what === 'tables') await writeDocuments();
else {
  console.error(USAGE);
  process.exitCode = 1;
}

function readOptions(): Options | null {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    return null;
  }
}

/** In memory first, and then on every swarm, which must not make a difference. */
async function playScenario({ swarms }: Options): Promise<void> {
  const memory = await performAll('memory');
  for (const swarm of swarms) {
    const performances = swarm === 'memory' ? memory : await performAll(swarm);
    const runs: RunResult[] = [];
    for (const [index, processes] of PROCESSES.entries()) {
      const [own, model] = [performances[index], memory[index]] as [Performance, Performance];
      const { run, found } = compare(processes, own, model);
      console.log(`${swarm}, ${processes} processes:`, run, ...found);
      if (found.length > 0) process.exitCode = 1;
      runs.push(run);
    }
    await keep('scenario', { [swarm]: resultOf(runs) });
  }
  await writeDocuments();
}

async function performAll(swarm: SwarmName): Promise<readonly Performance[]> {
  const performances: Performance[] = [];
  for (const processes of PROCESSES) {
    performances.push(await performOn(swarm, processes));
  }
  return performances;
}

async function suffer(swarm: SwarmName, { seed, isWhole, ...plan }: Options): Promise<void> {
  const act = async ({ site, alarm, servers }: Ground) => {
    const has = { hasAlarm: alarm !== null, hasServers: servers.length > 0 };
    const faults = faultsOf({ ...plan, ...has }, randomOf(seed));
    return runChaos(site, faults, { seed, alarm, servers });
  };
  const run = await onSwarm(swarm, act, { isImpatient: true });
  const { result, broken } = chaosResultOf(run, seed);
  console.log(chaosTable(swarm, result));
  for (const [rule, labels] of Object.entries(broken)) {
    if (labels.length === 0) continue;
    console.log(`${rule}: ${labels.join(' ')}`);
    process.exitCode = 1;
  }
  if (!isWhole) return;
  await keep('chaos', { [swarm]: result });
  await writeDocuments();
}
