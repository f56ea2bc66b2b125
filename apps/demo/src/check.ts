import type { Client, Node } from '@swarm/core';
import { connect } from '@swarm/ws';
import { type Arena, startArenas } from './arena.ts';

/** Requests of each kind, and how many clients make them. */
const ROUNDS = 120;
const NAMES = ['ada', 'bob', 'cyd', 'dan'];

export interface CheckResult {
  readonly client: number;
  readonly server: number;
  readonly remoteClient: number;
  /** Of the last two, how many went from one server to the other. */
  readonly crossing: number;
  readonly failed: number;
}

interface Player {
  readonly name: string;
  readonly client: Client;
  readonly node: Node;
  readonly arena: Arena;
}

/** Run every kind of request over real sockets, and count the answers that were not right. */
export async function check(): Promise<CheckResult> {
  const arenas = await startArenas([0, 0]);
  const players: Player[] = [];
  for (const [index, name] of NAMES.entries()) {
    players.push(await join(name, arenas[index % 2 === 0 ? 0 : 1]));
  }
  const count = { client: 0, server: 0, remoteClient: 0, crossing: 0, failed: 0 };
  const expect = async (answer: Promise<unknown>, right: unknown) => {
    const given = await answer.catch((error: unknown) => error);
    if (JSON.stringify(given) === JSON.stringify(right)) return;
    count.failed += 1;
    console.error(`expected ${JSON.stringify(right)}, got`, given);
  };
  const answers: Promise<void>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = players[round % players.length] as Player;
    // Every player asks every player, itself included.
    const to = players[Math.floor(round / players.length) % players.length] as Player;
    count.client += 1;
    answers.push(expect(from.client.send('add', round, 1), round + 1));
    count.server += 1;
    answers.push(expect(from.node.send(to.name, 'load'), NAMES.length / 2));
    count.remoteClient += 1;
    const answer = `${to.name} to ${from.name}: ${round}`;
    answers.push(expect(from.node.remoteClient.send(to.name, 'question', round), answer));
    if (from.arena !== to.arena) count.crossing += 2;
  }
  await Promise.all(answers);
  for (const { client } of players) client.close();
  for (const { server } of arenas) await server.close();
  return count;
}

async function join(name: string, arena: Arena): Promise<Player> {
  const client = connect(`${arena.url}/?name=${name}`);
  client.on('question', (_ctx, question, asker) => `${name} to ${asker}: ${question}`);
  await client.ready();
  const node = arena.server.nodes.get(name);
  if (node === undefined) throw new Error(`${name} has no node`);
  return { name, client, node, arena };
}
