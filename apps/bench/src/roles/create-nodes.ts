import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Server } from '@swarm/core';
import { ours } from '../packages.ts';
import type { Role } from '../role.ts';
import { join, NOBODY } from './swarm-nodes.ts';

const NODES = 100_000;
/** At once; under `openingNodesMax`. */
const BURST = 10_000;

/**
 * One request is 100,000 nodes: in memory with the ids that are made for them, with a broker under
 * chosen ones, of which it is told.
 */
export const role: Role = {
  ask: async (setup) => {
    const { swarm1 } = await ours(setup.root, 'core');
    const isNamed = setup.variant !== 'memory';
    let server: Server | null = null;
    const create = async () => {
      if (server === null) throw new TypeError('not prepared');
      for (let from = 0; from < NODES; from += BURST) {
        const burst: Promise<unknown>[] = [];
        for (let number = from; number < from + BURST; number += 1) {
          const id = isNamed ? `node-${number}` : undefined;
          burst.push(server.createNode(NOBODY, { id, dialect: swarm1 }));
        }
        await Promise.all(burst);
        // Their conversations begin after that.
        await nextTurn();
      }
      if (server.nodes.size !== NODES) throw new Error(`there are ${server.nodes.size} nodes`);
    };
    return {
      prepare: async () => {
        await server?.close();
        server = await join(setup);
      },
      ask: (done) => {
        create().then(() => done(null), done);
      },
    };
  },
};
