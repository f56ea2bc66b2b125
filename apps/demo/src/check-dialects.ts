import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, type Dialect, type SwarmError, swarm1, swarmJson } from '@swarm/core';
import { connect } from '@swarm/ws';
import type { Arena } from './arena.ts';
import { type Demo, demo } from './contract.ts';
import type { Expectations } from './expectations.ts';

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
  const client = connect(arena.url('a', name), { contract: demo, dialect });
  await client.ready();

  await expectations.equal(client.call.add(1, 2), 3);
  await expectations.equal(client.call.whoami(), { id: name, server: 'a', isSimulated: false });
  await expectations.equal(divideByZero(client), ['DIVIDE_BY_ZERO', 7]);
  await expectations.equal(seeJoining(arena, client, `${name}-friend`, dialect), 'b');
  await expectations.equal(cancel(arena, client), ['cancelled', 'aborted']);
  const late = client.with({ timeoutMs: 100 }).call.slow.safe(SLOW_MS);
  await expectations.equal(late.then(subtypeOf), 'timeout');
  client.close();
}

/** A declared error, whose data is typed by its code. */
async function divideByZero(client: Client<Demo>): Promise<unknown> {
  const divided = await client.call.divide.safe(7, 0);
  if (divided.ok || divided.error.code !== 'DIVIDE_BY_ZERO') return divided;
  return [divided.error.code, divided.error.data.dividend];
}

/** An event: whoever is there is told of a client that joins the other server. */
async function seeJoining(
  arena: Arena,
  client: Client<Demo>,
  name: string,
  dialect: Dialect,
): Promise<unknown> {
  const seen = new Promise((resolve) => {
    client.on('joined', (_ctx, { id, server }) => {
      if (id === name) resolve(server);
    });
  });
  const friend = connect(arena.url('b', name), { contract: demo, dialect });
  const server = await soon(seen);
  friend.close();
  return server;
}

/** The one who asks gives up, and the handler is told. */
async function cancel(arena: Arena, client: Client<Demo>): Promise<unknown> {
  const aborter = new AbortController();
  let remove = () => {};
  const aborted = new Promise((resolve) => {
    remove = arena.servers.a.use((ctx, next) => {
      if (ctx.name === 'slow') {
        ctx.signal.addEventListener('abort', () => resolve('aborted'));
        aborter.abort();
      }
      return next();
    });
  });
  const asked = await client.with({ signal: aborter.signal }).call.slow.safe(SLOW_MS);
  const told = await soon(aborted);
  remove();
  return [subtypeOf(asked), told];
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
