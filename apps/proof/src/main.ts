import { parseArgs } from 'node:util';
import { startBroker } from '@swarm/conformance/brokers';
import { killRepeatedly } from './kill.ts';
import { linesOf } from './kills/report.ts';
import { differences, normalise } from './normalise.ts';
import { perform } from './scenario.ts';
import { brokerSite, memorySite, type Site } from './stage/site.ts';

const USAGE = 'usage: scenario | kill [--broker redis|nats]… [--kills 10] [--seed 1]';
const BROKERS = ['redis', 'nats'] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    broker: { type: 'string', multiple: true },
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});

const brokers = BROKERS.filter((kind) => values.broker?.includes(kind) ?? true);
const [what] = positionals;
if (what === 'scenario') await playScenario();
else if (what === 'kill') for (const kind of brokers) await withBroker(kind, kill);
else {
  console.error(USAGE);
  process.exitCode = 1;
}

/** On memory, and then on every broker, which must not make a difference. */
async function playScenario(): Promise<void> {
  const memory = await perform(memorySite());
  console.log(`memory: ${memory.trace.length} entries, ${memory.messages} messages`);
  for (const kind of brokers) {
    await withBroker(kind, async (site) => {
      const { trace, messages } = await perform(site);
      const found = differences(normalise(memory.trace), normalise(trace));
      console.log(`${kind}: ${trace.length} entries, ${messages} messages`);
      console.log(`${found.length} differences to memory`, ...found);
      if (found.length > 0) process.exitCode = 1;
    });
  }
}

async function kill(site: Site, name: string): Promise<void> {
  const options = { kills: Number(values.kills), seed: Number(values.seed) };
  const report = await killRepeatedly(site, options);
  console.log([`${name}, seed ${options.seed}`, ...linesOf(report)].join('\n'));
  const broken = Object.entries(report.verdict.broken).filter(([, labels]) => labels.length > 0);
  for (const [rule, labels] of broken) console.log(`${rule}: ${labels.join(' ')}`);
  if (broken.length > 0) process.exitCode = 1;
}

async function withBroker(
  kind: (typeof BROKERS)[number],
  act: (site: Site, name: string) => Promise<void>,
): Promise<void> {
  const broker = await startBroker(kind);
  try {
    await act(brokerSite(broker), kind);
  } finally {
    await broker.stop();
  }
}
