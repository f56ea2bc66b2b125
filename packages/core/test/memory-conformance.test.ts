import { swarmConformance } from '../../conformance/src/index.ts';
import { memory } from '../src/index.ts';

swarmConformance('memory', () => {
  const swarm = memory('memory:conformance');
  return { swarm, sever: () => swarm.cut(), settleMs: 1_000 };
});
