import type { SwarmClause } from '../swarm-bench.ts';
import { announceClauses } from './swarm/announce.ts';
import { bytesClauses } from './swarm/bytes.ts';
import { capabilitiesClauses } from './swarm/capabilities.ts';
import { closeClauses } from './swarm/close.ts';
import { deliverClauses } from './swarm/deliver.ts';
import { dialClauses } from './swarm/dial.ts';
import { epochClauses } from './swarm/epoch.ts';
import { linksClauses } from './swarm/links.ts';
import { lossClauses } from './swarm/loss.ts';
import { orderClauses } from './swarm/order.ts';
import { ownersClauses } from './swarm/owners.ts';
import { pressureClauses } from './swarm/pressure.ts';
import { replayClauses } from './swarm/replay.ts';
import { sizeClauses } from './swarm/size.ts';
import { stopClauses } from './swarm/stop.ts';
import { subjectClauses } from './swarm/subject.ts';
import { verdictClauses } from './swarm/verdict.ts';

/** Everything the swarm contract promises. Those that sever the broker come last. */
export const SWARM_CLAUSES: readonly SwarmClause[] = [
  ...deliverClauses,
  ...ownersClauses,
  ...orderClauses,
  ...announceClauses,
  ...stopClauses,
  ...subjectClauses,
  ...bytesClauses,
  ...sizeClauses,
  ...linksClauses,
  ...closeClauses,
  ...verdictClauses,
  ...pressureClauses,
  ...capabilitiesClauses,
  ...dialClauses,
  ...lossClauses,
  ...replayClauses,
  ...epochClauses,
];
