import { Body } from '../src/body.ts';
import { Context, type ContextKind } from '../src/context.ts';
import type { Meta } from '../src/frame.ts';
import type { Outcome } from '../src/machine/contract.ts';
import { ServedRequest } from '../src/machine/served.ts';

/** A context of one request, and what it was answered with. */
export function newContext(
  options: { kind?: ContextKind; args?: unknown; body?: Body; meta?: Meta | undefined } = {},
) {
  const { kind = 'client', args = [], body = Body.of(args), meta } = options;
  const answers: Outcome[] = [];
  const request = new ServedRequest(
    { answer: (_request, outcome) => answers.push(outcome) },
    1,
    1_000,
  );
  const origin = { kind, node: 'node', sender: 'asker', request };
  return { ctx: new Context(origin, { name: 'add', body, meta }), request, answers };
}

/** A context of one event. */
export function newEventContext(kind: ContextKind = 'client') {
  const origin = { kind, node: 'node', sender: null, request: null };
  return new Context(origin, { name: 'moved', body: Body.of([1]), meta: undefined });
}
