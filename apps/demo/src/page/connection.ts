import type { Client } from '@swarm/core/client';
import type { Demo } from '../contract.ts';
import { announce, byId, duration } from './dom.ts';
import { newSession } from './session.ts';

/** Shows who we are, and whether we are connected. */
export function showConnection(client: Client<Demo>, me: string): void {
  const status = byId('status', HTMLElement);
  const rejoin = byId('rejoin', HTMLButtonElement);
  byId('me', HTMLElement).textContent = me;
  byId('me', HTMLElement).title = me;
  const show = (state: 'open' | 'waiting' | 'failed', text: string) => {
    status.dataset['state'] = state;
    status.textContent = text;
    document.body.dataset['connection'] = state;
  };
  let wasOpen = false;
  client.events.on('open', () => {
    wasOpen = true;
    show('open', 'Connected');
  });
  client.events.on('close', () => show('waiting', 'Connection lost'));
  client.events.on('reconnecting', ({ attempt, delayMs }) => {
    show('waiting', `Reconnecting in ${duration(delayMs)} (attempt ${attempt})`);
  });
  client.events.on('failed', (error) => {
    // The server gives a name to whoever came last: another window has it now.
    show('failed', wasOpen ? 'This name is in use elsewhere' : 'Not let in');
    rejoin.hidden = false;
    announce(`The connection is over: ${error.message}`);
  });
  rejoin.addEventListener('click', () => {
    newSession();
    location.reload();
  });
}
