import { LIMITS, memory } from '@swarm/core';
import { describe } from 'vitest';
import { socketConformance, swarmConformance } from '../src/index.ts';
import { VirtualClock } from '../src/testing/clock.ts';
import { Network } from '../src/testing/network.ts';
import { TestSocket } from '../src/testing/socket.ts';
import { Way } from '../src/testing/way.ts';

/** A network whose time goes on by itself, for clauses that know of none. */
function newNetwork(latencyMs: number): { network: Network; stop: () => void } {
  const network = new Network(new VirtualClock());
  let isOver = false;
  network.latency(latencyMs);
  const goOn = async () => {
    while (!isOver) await network.clock.advance(1);
  };
  if (latencyMs > 0) void goOn();
  const stop = () => {
    isOver = true;
  };
  return { network, stop };
}

// What a test swarm puts between the core and its network keeps every promise of an adapter.

describe.each([0, 3])('with a latency of %d ms', (latencyMs) => {
  socketConformance('sockets of a test swarm', () => {
    const { network, stop } = newNetwork(latencyMs);
    return {
      pair: async () => {
        const [far, near] = TestSocket.pair(network, LIMITS.socketFrameBytesMax);
        return { near, far, sever: () => far.cut() };
      },
      close: stop,
      settleMs: 2_000,
    };
  });

  swarmConformance('the swarm of a test swarm', () => {
    const { network, stop } = newNetwork(latencyMs);
    const way = new Way('a server', memory(`memory:testing-${latencyMs}`), network);
    const cutOff = new Way('nobody', memory('memory:testing-cut-off'), network);
    cutOff.cut();
    return {
      swarm: way,
      sever: () => {
        way.cut();
        way.heal();
      },
      close: stop,
      settleMs: 2_000,
      unreachable: { swarm: cutOff, secret: 'unshown' },
    };
  });
});
