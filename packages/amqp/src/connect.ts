import { randomInt } from 'node:crypto';
import type { LinkHost } from '@swarm/core';
import { type Address, dial } from './dial.ts';
import { failure } from './failure.ts';
import { AmqpLink, FRAME_BYTES_MAX } from './link.ts';

/** From dialing to the confirmed inbox; the core waits for no longer. */
const OPEN_TIMEOUT_MS = 3_000;
/** Of it, what has to be left for one more server to be tried. */
const TRY_MS_MIN = 100;

/**
 * A link to one of the servers. They are tried in an order of chance, so that links spread over
 * them: the next one as soon as one fails, or does not answer in its share of the time. Once it has
 * answered, all that is left of the time is its own: what it has yet to do takes as long at any
 * other, and may take long when many links are opened at once.
 */
export async function connect(
  host: LinkHost,
  place: string,
  addresses: readonly Address[],
): Promise<AmqpLink> {
  if (host.frameBytesMax > FRAME_BYTES_MAX) {
    throw failure(place, 'no', new Error(`carries ${FRAME_BYTES_MAX} bytes`));
  }
  const deadlineMs = performance.now() + OPEN_TIMEOUT_MS;
  const untried = [...addresses];
  for (;;) {
    const openMs = Math.ceil(deadlineMs - performance.now());
    const answerMs = Math.ceil(openMs / untried.length);
    const [address] = untried.splice(randomInt(untried.length), 1) as [Address];
    const link = new AmqpLink(host, place, (...args) => dial(address, ...args));
    try {
      await link.open({ openMs, answerMs });
      return link;
    } catch (cause) {
      const isLate = deadlineMs - performance.now() < TRY_MS_MIN;
      if (isLate || untried.length === 0) throw failure(place, 'no', cause);
    }
  }
}
