import { swarm1, swarmJson } from '@swarm/core';
import type { Arena } from './arena.ts';
import { checkDialects } from './check-dialects.ts';
import { Expectations } from './expectations.ts';
import { join, type Player } from './player.ts';

/** Requests of each kind, at least; every player asks every player, itself included. */
const ROUNDS_MIN = 120;
const PLAYERS_PER_SERVER = 2;

export interface CheckResult {
  readonly client: number;
  readonly server: number;
  readonly remoteClient: number;
  /** Of the last two, how many were answered by another server than the one that asked. */
  readonly crossing: number;
  /** In how many processes the players had their nodes. */
  readonly processes: number;
  /** What was tried in every dialect: results, declared errors, events, cancels and deadlines. */
  readonly dialects: number;
  readonly failed: number;
}

/** Run every kind of request over real sockets, and count the answers that were not right. */
export async function check(arena: Arena): Promise<CheckResult> {
  const expectations = new Expectations();
  const players = await joinAll(arena);
  const rounds = Math.max(ROUNDS_MIN, players.length ** 2);
  const answers: Promise<boolean>[] = [];
  let crossing = 0;
  for (let round = 0; round < rounds; round += 1) {
    const from = players[round % players.length] as Player;
    const to = players[Math.floor(round / players.length) % players.length] as Player;
    const isCrossing = from.server !== to.server;
    const { call } = from.client;
    answers.push(expectations.equal(call.add(round, 1), round + 1));
    // The right answer names the server it comes from, so what crossed has been seen to cross.
    const between = [
      expectations.equal(call.loadOf(to.name), loadOf(to, players)),
      expectations.equal(call.ask(to.name, `${round}`), answerOf(to, `${round}`, from.name)),
    ];
    for (const answer of between) {
      answers.push(answer);
      void answer.then((isRight) => {
        if (isRight && isCrossing) crossing += 1;
      });
    }
  }
  await Promise.all(answers);
  const dialects = await checkDialects(arena, expectations);
  for (const { client } of players) client.close();
  const processes = new Set(players.map(({ pid }) => pid)).size;
  const count = { client: rounds, server: rounds, remoteClient: rounds };
  return { ...count, crossing, processes, dialects, failed: expectations.failed };
}

/** As many for each server, and as many that speak each dialect. */
async function joinAll(arena: Arena): Promise<readonly Player[]> {
  const { names, paths } = arena;
  const players: Player[] = [];
  for (const dialect of [swarm1, swarmJson]) {
    for (let index = 0; index < (names.length * PLAYERS_PER_SERVER) / 2; index += 1) {
      const path = paths[index % paths.length] ?? '';
      const player = await join(arena, path, `player-${players.length + 1}`, dialect);
      player.client.on('question', (_ctx, text, from) => answerOf(player, text, from));
      players.push(player);
    }
  }
  return players;
}

function loadOf({ server, pid }: Player, players: readonly Player[]) {
  return { server, pid, clients: players.filter((player) => player.server === server).length };
}

function answerOf({ name, server }: Player, text: string, from: string | undefined): string {
  return `${name} on ${server} to ${from}: ${text}`;
}
