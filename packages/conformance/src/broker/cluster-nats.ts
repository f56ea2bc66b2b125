import { NATS } from './nats.ts';
import { HOST } from './port.ts';
import { answers } from './question.ts';
import type { ClusterRecipe, Part, Site } from './recipe.ts';

/** Servers with a route from each to each: they find those again that come back. */
export const NATS_CLUSTER: ClusterRecipe = {
  nodeCount: 3,
  portCount: 2,
  startMsMax: NATS.startMsMax,
  schemes: NATS.schemes,
  prepare: (site, all): Promise<readonly [...Part[], Part]> => {
    return NATS.prepare({ ...site, config: [clusterLine(site, all), ...site.config] });
  },
  isFormed: async (running): Promise<boolean> => {
    const wanted = running.map(clientPlace).toSorted().join();
    const isWanted = (bytes: Buffer) => placesIn(bytes).toSorted().join() === wanted;
    const asked = running.map(({ ports: [port = 0] }) => {
      // It speaks first.
      return answers(port, { isSecure: false, bytes: new Uint8Array(), isAnswer: isWanted });
    });
    return (await Promise.all(asked)).every((isSo) => isSo);
  },
};

function clusterLine(site: Site, all: readonly Site[]): string {
  const routes = all.filter((other) => other !== site).map((other) => `"nats://${place(other)}"`);
  return `cluster { name: swarm, listen: "${place(site)}", routes: [${routes.join()}] }`;
}

/** Where other servers find it. */
function place({ ports: [, port] }: Site): string {
  return `${HOST}:${port}`;
}

function clientPlace({ ports: [port] }: Site): string {
  return `${HOST}:${port}`;
}

/** What a server says of where clients find it and those that it has a route to. */
function placesIn(bytes: Buffer): readonly string[] {
  const [, info = '{}'] = /^INFO (.*)\r\n/.exec(bytes.toString('latin1')) ?? [];
  return (JSON.parse(info) as { connect_urls?: string[] }).connect_urls ?? [];
}
