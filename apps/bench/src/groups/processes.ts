import { again, type Case, type Group } from '../plan.ts';

const SIZES = [2, 4, 8];
const BROKERS = { NATS: 'nats', Redis: 'redis' } as const;

const cases: readonly Case[] = Object.entries(BROKERS).flatMap(([said, broker]) =>
  SIZES.map((crowd) => ({
    ...{ name: nameOf(said, crowd), role: 'swarm-crowd' as const, variant: broker },
    ...{ broker, crowd },
  })),
);
const FIRST: Case = { ...(cases[0] as Case), name: again(nameOf('NATS', 2)) };

/**
 * All ask one another at random: the more there are, the less of what goes out in one turn goes to
 * the same process. What is in flight is of each of them.
 */
export const processes: Group = {
  name: 'processes',
  title: 'Processes that ask one another, in flight for each',
  brokers: [],
  payloadBytes: 100,
  efforts: [
    { inFlight: 64, ms: 1_000, requestsMax: 1_000_000 },
    { inFlight: 8, ms: 500, requestsMax: 1_000_000 },
  ],
  // Each has to run its own code often: eight processes get an eighth of what two CPUs can do.
  warmUp: { inFlight: 64, ms: 20_000, requestsMax: 20_000 },
  cases: [FIRST, ...cases],
  comparisons: [
    { a: FIRST.name, b: nameOf('NATS', 2), metric: 'cpu', inFlight: 64 },
    ...Object.keys(BROKERS).flatMap((said) => {
      const four = { a: nameOf(said, 4), b: nameOf(said, 2) };
      const eight = { a: nameOf(said, 8), b: nameOf(said, 2) };
      return [
        { ...four, metric: 'cpu' as const, inFlight: 64 },
        { ...four, metric: 'cpu' as const, inFlight: 8 },
        { ...eight, metric: 'cpu' as const, inFlight: 8 },
        { ...eight, metric: 'brokerCpu' as const, inFlight: 64 },
      ];
    }),
  ],
  goals: Object.keys(BROKERS).map((said) => ({
    ...{
      id: `processes-${said.toLowerCase()}`,
      text: `with eight at most twice as dear as with two, ${said}`,
    },
    ...{ a: nameOf(said, 8), b: nameOf(said, 2), metric: 'cpu', inFlight: 64 },
    bound: { atMost: 2 },
  })),
};

function nameOf(broker: string, crowd: number): string {
  return `swarm, ${broker}, ${crowd} processes`;
}
