import type { Client, Node } from '@swarm/core';
import { connect } from '@swarm/ws';
import { type Arena, SERVERS, startArena } from './arena.ts';
import { checkDialects } from './check-dialects.ts';
import { type Demo, demo, type ServerName } from './contract.ts';
import { Expectations } from './expectations.ts';

/** Requests of each kind, and how many clients make them. */
const ROUNDS = 120;
const NAMES = ['ada', 'bob', 'cyd', 'dan'];

export interface CheckResult {
  readonly client: number;
  readonly server: number;
  readonly remoteClient: number;
  /** Of the last two, how many went from one server to the other. */
  readonly crossing: number;
  /** What was tried in every dialect: results, declared errors, events, cancels and deadlines. */
  readonly dialects: number;
  readonly failed: number;
}

interface Player {
  readonly name: string;
  readonly client: Client<Demo>;
  readonly node: Node<Demo>;
  readonly server: ServerName;
}

/** Run every kind of request over real sockets, and count the answers that were not right. */
export async function check(): Promise<CheckResult> {
  const arena = await startArena();
  const expectations = new Expectations();
  const players: Player[] = [];
  for (const [index, name] of NAMES.entries()) {
    players.push(await join(arena, index % 2 === 0 ? 'a' : 'b', name));
  }
  const count = { client: 0, server: 0, remoteClient: 0, crossing: 0 };
  const answers: Promise<void>[] = [];
  const expect = (answer: Promise<unknown>, right: unknown) => {
    answers.push(expectations.equal(answer, right));
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = players[round % players.length] as Player;
    // Every player asks every player, itself included.
    const to = players[Math.floor(round / players.length) % players.length] as Player;
    count.client += 1;
    expect(from.client.call.add(round, 1), round + 1);
    count.server += 1;
    expect(from.node.call(to.name).load(), NAMES.length / SERVERS.length);
    count.remoteClient += 1;
    const answer = `${to.name} to ${from.name}: ${round}`;
    expect(from.node.remoteClient.call(to.name).question(`${round}`), answer);
    if (from.server !== to.server) count.crossing += 2;
  }
  await Promise.all(answers);
  const dialects = await checkDialects(arena, expectations);
  for (const { client } of players) client.close();
  await arena.close();
  return { ...count, dialects, failed: expectations.failed };
}

async function join(arena: Arena, server: ServerName, name: string): Promise<Player> {
  const client = connect(arena.url(server, name), { contract: demo });
  client.on('question', (_ctx, text, from) => `${name} to ${from}: ${text}`);
  await client.ready();
  const node = arena.servers[server].nodes.get(name);
  if (node === undefined) throw new Error(`${name} has no node`);
  return { name, client, node, server };
}
