import { again, type Case, type Comparison, type GoalSpec, type Group } from './plan.ts';
import type { RoleName } from './roles.ts';
import type { Worktree } from './worktree.ts';

/** CPU time that may be added, and what of it may as well be noise. */
const CPU_MAX = 1.1;
const CPU_TOLERATED = 1.05;

/** Those that run on our packages, and so can run on older ones. */
const OURS: ReadonlySet<RoleName> = new Set<RoleName>([
  ...(['create-nodes', 'local-nodes', 'micro'] as const),
  ...(['swarm-crowd', 'swarm-nodes', 'swarm-remote', 'swarm-ws'] as const),
]);

/**
 * Our own cases of a group, of now and of then, in the same rounds; the first of them is there
 * twice, to know the noise.
 */
export function againstThen(
  group: Group,
  { root, name: commit }: Pick<Worktree, 'root' | 'name'>,
): Group {
  const own = group.cases.filter(({ role, name }) => OURS.has(role) && !name.endsWith(again('')));
  const [first] = own;
  const now: Case[] = first === undefined ? [] : [{ ...first, name: again(first.name) }, ...own];
  const then = (name: string) => `${name} @ ${commit}`;
  const comparisons: Comparison[] = [];
  const goals: GoalSpec[] = [];
  for (const { inFlight } of group.efforts) {
    if (first !== undefined) {
      comparisons.push({ a: again(first.name), b: first.name, metric: 'cpu', inFlight });
    }
    for (const { name } of own) {
      const pair = { a: name, b: then(name), inFlight };
      comparisons.push({ ...pair, metric: 'rps' }, { ...pair, metric: 'p50' });
      goals.push({
        ...pair,
        ...{ id: `cpu-since-${commit}`, text: 'in no more CPU time than before', metric: 'cpu' },
        bound: { atMost: CPU_MAX, tolerated: CPU_TOLERATED },
      });
    }
  }
  const old = own.map((one) => ({ ...one, name: then(one.name), root }));
  return { ...group, cases: [...now, ...old], comparisons, goals };
}
