import type { Cast } from '../stage/cast.ts';
import { give, type Step, throughSwarm } from './step.ts';

/** How long an owner has to have an id until it counts as the older one, and more. */
const STANDING_MS = 500;

/** All actors ask this client and its node, twice: by its name first, then where it is. */
async function askAbout(cast: Cast, client: string): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    const lines = cast.actors.flatMap((actor) => throughSwarm(cast, actor, [client]));
    await give(cast, lines, 'ok');
  }
}

export const MOVING: readonly Step[] = [
  {
    name: 'a chosen id moves from process to process',
    run: async (cast) => {
      for (const actor of ['a', 'b', 'c']) {
        await cast.connect(actor, 'wanda', 'wanda');
        await askAbout(cast, 'wanda');
        await cast.disconnect('wanda');
      }
    },
  },
  {
    name: 'the newest owner of an id keeps it',
    run: async (cast) => {
      // In the last two it is the same process that has it.
      for (const [index, actor] of ['c', 'a', 'b', 'b'].entries()) {
        const [before, now] = [`nora ${index - 1}`, `nora ${index}`];
        await cast.connect(actor, now, 'nora');
        if (index > 0) {
          await cast.sees('closed', ({ client }) => client === before);
          await cast.sees('left', ({ node }) => node === 'nora', index);
          cast.forget(before);
        }
        await askAbout(cast, now);
      }
      await cast.disconnect('nora 3');
    },
  },
];

export const KEEPING: readonly Step[] = [
  {
    name: 'clients come in',
    run: async (cast) => {
      const parts = ['e', 'f', 'g'];
      await cast.start(...parts);
      for (const part of parts) await cast.connect(part, `${part}1`);
    },
  },
  {
    name: 'the oldest owner of an id keeps it',
    run: async (cast) => {
      await cast.connect('e', 'olga', 'olga');
      await askAbout(cast, 'olga');
      // Claims that are made at about the same time are equal.
      const standing = { from: cast.client('olga'), kind: 'client' as const, name: 'linger' };
      await give(cast, [{ ...standing, args: [STANDING_MS] }], 'ok');
      await cast.connectInVain('f', 'olga 2', 'olga');
      await cast.sees('left', ({ node }) => node === 'olga');
      await cast.connectInVain('e', 'olga 3', 'olga');
      await askAbout(cast, 'olga');
      await cast.disconnect('olga');
      await cast.connect('g', 'olga 4', 'olga');
      await askAbout(cast, 'olga 4');
    },
  },
  {
    name: 'middleware around what goes to a client',
    run: async (cast) => {
      for (const from of [cast.node('e1'), cast.server('e')]) {
        for (const to of ['e1', 'f1', 'olga 4']) {
          const what = { from, kind: 'remoteClient' as const, to, args: [21] };
          await (await cast.ask({ ...what, name: 'doubled' })).gives('ok', 42);
          await (await cast.ask({ ...what, name: 'echo' })).gives('ok', 21);
        }
      }
    },
  },
];
