import { type SwarmFixture, swarmConformance } from '@swarm/conformance';
import { requireBroker, startBroker } from '@swarm/conformance/brokers';
import type { Swarm } from '@swarm/core';
import { connect } from 'nats';
import { describe } from 'vitest';
import { nats } from '../src/index.ts';

describe.runIf(requireBroker('nats'))('on a NATS server', () => {
  swarmConformance('nats', () => fixture((url) => nats(url)));

  swarmConformance('nats over connections of nats 2', () => {
    return fixture((servers) => nats.over(() => connect({ servers, reconnect: false })));
  });
});

/** Port 1 belongs to a service that nobody runs any more. */
const UNREACHABLE = { swarm: nats('nats://someone:hunter2@127.0.0.1:1'), secret: 'hunter2' };

async function fixture(swarmAt: (url: string) => Swarm): Promise<SwarmFixture> {
  const broker = await startBroker('nats');
  return {
    swarm: swarmAt(broker.url),
    sever: () => broker.restart(),
    close: () => broker.stop(),
    unreachable: UNREACHABLE,
  };
}
