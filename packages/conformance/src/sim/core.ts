import type * as swarmCore from '@swarm/core';

/** What is simulated: `@swarm/core` itself, or a copy of it with a bug. */
export type Core = Pick<
  typeof swarmCore,
  'createClient' | 'createServer' | 'swarm1' | 'swarmJson' | 'SwarmError' | 'LIMITS'
>;
