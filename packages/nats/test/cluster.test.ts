import { type SwarmFixture, swarmConformance } from '@swarm/conformance';
import { requireBroker, startCluster } from '@swarm/conformance/brokers';
import type { Swarm } from '@swarm/core';
import { connect } from 'nats';
import { describe } from 'vitest';
import { nats } from '../src/index.ts';
import { inTurn } from './cluster-fixture.ts';

describe.runIf(requireBroker('nats'))('with links at different servers of a cluster', () => {
  swarmConformance('nats', () => fixture((url) => nats(url)));

  swarmConformance('nats over connections of nats 2', () => {
    return fixture((servers) => nats.over(() => connect({ servers, reconnect: false })));
  });
});

async function fixture(swarmAt: (url: string) => Swarm): Promise<SwarmFixture> {
  const cluster = await startCluster('nats');
  return {
    swarm: inTurn(cluster.nodes.map(({ url }) => swarmAt(url))),
    sever: () => cluster.restart(),
    close: () => cluster.stop(),
  };
}
