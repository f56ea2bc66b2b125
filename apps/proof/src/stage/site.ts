import { memory } from '@swarm/core';
import { startForked } from './forked.ts';
import { type StartActor, startHere } from './handle.ts';

/** Where actors meet: a broker that can be killed, and a way to start actors that reach it. */
export interface Site {
  readonly url: string;
  readonly start: StartActor;
  /** Resolves when it is gone, and with it every link. */
  kill(): Promise<void>;
  /** Resolves when it can be reached again. */
  restart(): Promise<void>;
}

let memorySites = 0;

/** A memory swarm, down when killed: then its links are cut and no new one opens. */
export function memorySite(): Site {
  memorySites += 1;
  const url = `memory:proof-${memorySites}`;
  let isDown = false;
  return {
    url,
    start: startHere(() => isDown),
    kill: async () => {
      isDown = true;
      memory(url).cut();
    },
    restart: async () => {
      isDown = false;
    },
  };
}

/** A broker with a process for every actor. */
export function brokerSite(broker: Pick<Site, 'url' | 'kill' | 'restart'>): Site {
  return {
    url: broker.url,
    start: startForked,
    kill: () => broker.kill(),
    restart: () => broker.restart(),
  };
}
