import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, type Dialect, type SwarmError, swarm1, swarmJson } from '@swarm/core';
import type { Arena } from './arena.ts';
import type { Demo } from './contract.ts';
import type { Expectations } from './expectations.ts';
import { join, type Player } from './player.ts';

/** Longer than anything here takes, so that what never happens fails instead of hanging. */
const PATIENCE_MS = 2_000;
const SLOW_MS = 5_000;

/** What a contract promises, once in every dialect. Returns how much was tried. */
export async function checkDialects(arena: Arena, expectations: Expectations): Promise<number> {
  const before = expectations.count;
  for (const dialect of [swarm1, swarmJson]) await checkDialect(arena, dialect, expectations);
  return expectations.count - before;
}

async function checkDialect(
  arena: Arena,
  dialect: Dialect,
  expectations: Expectations,
): Promise<void> {
  const name = `eve-${dialect.name.replace('.', '-')}`;
  const { client, server } = await join(arena, arena.paths.at(0) ?? '', name, dialect);
  const joined = seeJoining(client, `${name}-friend`);
  const friend = await join(arena, arena.paths.at(-1) ?? '', `${name}-friend`, dialect);

  await expectations.equal(client.call.add(1, 2), 3);
  await expectations.equal(client.call.whoami(), { id: name, server, isSimulated: false });
  await expectations.equal(divideByZero(client), ['DIVIDE_BY_ZERO', 7]);
  await expectations.equal(soon(joined), friend.server);
  await expectations.equal(cancel(client, friend), ['cancelled', 'aborted']);
  const late = client.with({ timeoutMs: 100 }).call.slow.safe(SLOW_MS);
  await expectations.equal(late.then(subtypeOf), 'timeout');
  friend.client.close();
  client.close();
}

/** A declared error, whose data is typed by its code. */
async function divideByZero(client: Client<Demo>): Promise<unknown> {
  const divided = await client.call.divide.safe(7, 0);
  if (divided.ok || divided.error.code !== 'DIVIDE_BY_ZERO') return divided;
  return [divided.error.code, divided.error.data.dividend];
}

/** An event: whoever is there is told of a client that joins, on whatever server. */
function seeJoining(client: Client<Demo>, name: string): Promise<unknown> {
  return new Promise((resolve) => {
    client.on('joined', (_ctx, { id, server }) => {
      if (id === name) resolve(server);
    });
  });
}

/** The one who asks gives up, and whoever is asked is told, two nodes further. */
async function cancel(client: Client<Demo>, friend: Player): Promise<unknown> {
  const aborter = new AbortController();
  const aborted = new Promise((resolve) => {
    friend.client.on('question', (ctx) => {
      ctx.signal.addEventListener('abort', () => resolve('aborted'));
      aborter.abort();
      return new Promise<string>(() => {});
    });
  });
  const { signal } = aborter;
  const asked = await client.with({ signal }).call.ask.safe(friend.name, 'Are you there?');
  return [subtypeOf(asked), await soon(aborted)];
}

/** How a call failed; what did not fail is not what is looked for. */
function subtypeOf(asked: { readonly ok: boolean; readonly error?: SwarmError }): unknown {
  return asked.error?.subtype ?? 'no failure';
}

async function soon(promise: Promise<unknown>): Promise<unknown> {
  const patience = new AbortController();
  const never = sleep(PATIENCE_MS, 'never', { signal: patience.signal });
  try {
    return await Promise.race([promise, never]);
  } finally {
    // Rejects when the race is over already, where nobody listens any more.
    never.catch(() => undefined);
    patience.abort();
  }
}
