import type { Client } from '@swarm/core/client';
import type { Demo, Place } from '../contract.ts';
import { badge, describe } from './badge.ts';
import { byId } from './dom.ts';

/** Shows where our node lives, and whether its server reaches the others. */
export function showPlace(client: Client<Demo>): void {
  client.on('place', (_ctx, place) => {
    const own = place.servers.find(({ name }) => name === place.server);
    byId('my-server', HTMLElement).replaceChildren(badge(place.server, place));
    byId('node-server', HTMLElement).textContent = own === undefined ? '' : `on ${describe(own)}`;
    byId('arena', HTMLElement).textContent = sentence(place);
    showLink(place);
  });
}

function showLink({ server, swarm, isLinked, attempt }: Place): void {
  const pill = byId('swarm', HTMLElement);
  // Memory cannot get lost without everything else.
  pill.hidden = swarm === 'memory';
  pill.dataset['state'] = isLinked ? 'open' : 'failed';
  pill.textContent = isLinked ? `${swarm} linked` : `${swarm} out of reach`;
  document.body.dataset['swarm'] = isLinked ? 'linked' : 'unlinked';
  const banner = byId('unlinked', HTMLElement);
  banner.hidden = isLinked;
  const tries = attempt > 0 ? ` Attempt ${attempt} to get it back.` : '';
  banner.textContent = `Server ${server} has lost ${swarm}, and with it all other servers.${tries} Your node goes on answering, and so do its neighbours.`;
}

function sentence({ servers, swarm }: Place): string {
  const processes = new Set(servers.flatMap(({ pid }) => pid ?? [])).size;
  const where = swarm === 'memory' ? 'in memory' : `on ${swarm}`;
  const plural = processes === 1 ? '' : 'es';
  return `${servers.length} servers in ${processes} process${plural}, one swarm ${where}. Every client here holds one socket.`;
}
