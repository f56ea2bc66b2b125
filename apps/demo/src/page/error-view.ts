import type { Delivered, SwarmError } from '@swarm/core/client';
import { byId, make } from './dom.ts';

const MEANING: { readonly [D in Delivered]: string } = {
  no: 'no: safe to send again',
  unknown: 'unknown: it may have run',
  yes: 'yes: the handler ran',
};

/** Show all that is known of a failed call. */
export function showError(call: string, error: SwarmError): void {
  const { message, type, subtype, code, data, delivered } = error;
  const fields: readonly (readonly [string, string | null])[] = [
    ['type', type],
    ['subtype', subtype],
    ['code', code],
    ['delivered', MEANING[delivered]],
    ['data', data === null ? null : JSON.stringify(data)],
  ];
  const list = make('dl', 'fields');
  for (const [name, value] of fields) {
    if (value === null) continue;
    const term = make('dd', name === 'data' ? 'data' : '', value);
    term.title = value;
    list.append(make('div', '', make('dt', '', name), term));
  }
  const head = make('p', 'message', make('code', '', call), make('strong', '', message));
  const hint = error.hint ?? hintIn(data);
  const parts =
    hint === null
      ? []
      : [make('p', 'hint', make('b', '', 'Hint'), make('span', '', ...withCode(hint)))];
  byId('error', HTMLElement).replaceChildren(head, list, ...parts);
}

/** The hint of the failure behind this one, which a node passed on. */
function hintIn(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('hint' in data)) return null;
  return typeof data.hint === 'string' ? data.hint : null;
}

/** Hints put code in backticks. */
function withCode(text: string): readonly (Node | string)[] {
  return text.split('`').map((part, index) => (index % 2 === 0 ? part : make('code', '', part)));
}
