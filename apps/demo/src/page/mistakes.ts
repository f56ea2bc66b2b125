import { type Client, SwarmError } from '@swarm/core/client';
import type { Demo } from '../contract.ts';
import { button, byId } from './dom.ts';
import { showError } from './error-view.ts';
import type { Trace } from './trace.ts';

interface Mistake {
  readonly label: string;
  /** What the log calls it. */
  readonly name: string;
  call(client: Client<Demo>): Promise<unknown>;
}

/** One of each kind of failure, for the asking. */
const MISTAKES: readonly Mistake[] = [
  {
    label: 'Divide by zero',
    name: 'divide(7, 0)',
    call: (client) => client.call.divide(7, 0),
  },
  {
    label: 'Unhandled call',
    name: 'forecast()',
    call: (client) => client.call.forecast(),
  },
  {
    label: 'Too little time',
    name: 'slow(3000)',
    call: (client) => client.with({ timeoutMs: 300 }).call.slow(3_000),
  },
  {
    label: 'Cancelled call',
    name: 'slow(3000)',
    call: (client) => client.with({ signal: AbortSignal.timeout(300) }).call.slow(3_000),
  },
  {
    label: 'Unknown client',
    name: 'ask → nobody',
    call: (client) => client.call.ask('nobody', 'Are you there?'),
  },
  {
    label: 'Bad argument',
    name: 'slow(-1)',
    call: (client) => client.call.slow(-1),
  },
];

export function showMistakes(client: Client<Demo>, trace: Trace): void {
  const buttons = MISTAKES.map(({ label, name, call }) =>
    button(label, '', async () => {
      try {
        await trace.call(name, call(client));
      } catch (error) {
        if (!SwarmError.is(error)) throw error;
        showError(name, error);
      }
    }),
  );
  byId('errors', HTMLElement).append(...buttons);
}
