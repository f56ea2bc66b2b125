import type { Client, Dialect } from '@swarm/core';
import { connect } from '@swarm/ws';
import type { Arena } from './arena.ts';
import { type Demo, demo, type Place, type ServerName } from './contract.ts';

/** A client of the check, and where it came in. */
export interface Player {
  readonly name: string;
  readonly client: Client<Demo>;
  readonly server: ServerName;
  /** Of the process its node lives in. */
  readonly pid: number;
}

/** Resolves when the client is there, and has been told where that is. */
export async function join(
  address: Pick<Arena, 'url'>,
  path: string,
  name: string,
  dialect: Dialect,
): Promise<Player> {
  const client = connect(address.url(path, name), { contract: demo, dialect });
  const told = new Promise<Place>((resolve) => {
    client.on('place', (_ctx, place) => resolve(place));
  });
  await client.ready();
  const { server, servers } = await told;
  const pid = servers.find((one) => one.name === server)?.pid ?? 0;
  return { name, client, server, pid };
}
