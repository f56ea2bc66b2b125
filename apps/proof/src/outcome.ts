import { SwarmError } from '@swarm/core';
import type { Outcome } from './trace.ts';

/** How a call failed. Whatever is no error of the swarm's has a type of its own. */
export function failureOf(error: unknown): Outcome & { readonly ok: false } {
  if (!SwarmError.is(error)) {
    const type = error instanceof Error ? error.name : typeof error;
    const none = { subtype: null, code: null, message: null, data: null };
    return { ok: false, type, delivered: 'none', ...none };
  }
  const { type, subtype, delivered, code, data } = error;
  const message = type === 'endpoint' ? error.message : null;
  return { ok: false, type, subtype, delivered, code, message, data };
}

/** An outcome in a word: `ok`, `closed/unknown`, `endpoint/yes`, `BROKE/yes`. */
export function shortOf(outcome: Outcome): string {
  if (outcome.ok) return 'ok';
  const { code, subtype, type, delivered } = outcome;
  return `${code ?? subtype ?? type}/${delivered}`;
}
