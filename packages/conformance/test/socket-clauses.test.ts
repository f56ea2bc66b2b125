import type { Socket } from '@swarm/core';
import { describe, expect, it } from 'vitest';
import { type ClauseResult, SOCKET_CLAUSES, type SocketFixture, trySocket } from '../src/index.ts';
import { brokenEnds } from './broken/ends.ts';
import { brokenMessages } from './broken/messages.ts';
import { brokenSockets } from './broken/sockets.ts';
import { type BrokenSocket, socketFixtureOf } from './broken/tamper-socket.ts';

const BROKEN: readonly BrokenSocket[] = [...brokenMessages, ...brokenEnds, ...brokenSockets];

/** All clauses at once, each on connections of its own. */
async function tryAll(newFixture: () => SocketFixture): Promise<ClauseResult[]> {
  const tried = SOCKET_CLAUSES.map((clause) => trySocket(newFixture(), [clause]));
  return (await Promise.all(tried)).flat();
}

function failed(results: readonly ClauseResult[]): string[] {
  return results.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
}

/** As with a library that does not know what it holds back. */
function withoutCount(): (socket: Socket) => Partial<Socket> {
  return () => ({ bufferedBytes: undefined }) as unknown as Partial<Socket>;
}

describe('the clauses for sockets', () => {
  it('all hold for a pair in memory', async () => {
    const results = await tryAll(() => socketFixtureOf());

    expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  });

  it('leave out what a socket does not have', async () => {
    const results = await tryAll(() => socketFixtureOf(withoutCount));

    expect(failed(results)).toEqual([]);
    expect(results.filter(({ claimed }) => !claimed).map(({ id }) => id)).toEqual(['BUFFER-1']);
  });

  it.each(BROKEN)('a socket that $what breaks $breaks', async ({ tamper, breaks }) => {
    const results = await tryAll(() => socketFixtureOf(tamper));

    expect(failed(results)).toEqual(breaks);
  });

  it('can each be broken', () => {
    const broken = new Set(BROKEN.flatMap(({ breaks }) => breaks));

    expect(SOCKET_CLAUSES.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });
});
