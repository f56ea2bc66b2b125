import { Body } from '../src/body.ts';
import type { Limits } from '../src/index.ts';
import type { Call, Route } from '../src/machine/contract.ts';
import { Router } from '../src/machine/router.ts';
import { encodeSwarmFrame, frameTo, type SwarmFrame } from '../src/swarm-frame.ts';
import { OTHER, OWN, RouterRecorder, routerConfig, Settled } from './hosts.ts';

/** A process id that nobody asks. */
export const THIRD = 'thirdprocesscccc';

/** Where the router is heard. */
export const INBOX = `test.p.${OWN}`;

/** A router with a link of epoch 1, the node `here`, and the time at 0. */
export function newRouter(
  limits: Partial<Limits> = {},
  takeover?: 'newest' | 'oldest',
  detectsNoReceiver = true,
) {
  const host = new RouterRecorder();
  const config = { ...routerConfig(limits, takeover), detectsNoReceiver };
  const router = new Router<string>(host, config);
  host.endTurn = () => router.flush(0);
  router.opened(1);
  router.ready(1);
  router.add('here', 'node');
  host.membership.length = 0;
  /** A frame for the node, unless it says otherwise. */
  const receive = (frame: Partial<SwarmFrame> & Pick<SwarmFrame, 'kind'>, process = OTHER) => {
    const bytes = encodeSwarmFrame({ ...frameTo(frame.kind, process, 'here'), ...frame });
    router.receive(INBOX, bytes, 0);
  };
  const request = (id: number, process = OTHER) => {
    receive({ kind: 'request', id, ttlMs: 1_000, name: 'load' }, process);
  };
  /** What the asked node says to the request with this id. */
  const respond = (id: number, from: { process?: string; node?: string | null } = {}) => {
    const { process = OTHER, node = 'far' } = from;
    const body = Body.of('answer');
    receive({ kind: 'response', target: 'process', to: '', id, node, body }, process);
  };
  return { host, router, receive, request, respond, wheel: config.wheel };
}

export function call(settler: Settled = new Settled(), deadlineMs = 1_000): Call {
  return { name: 'load', body: Body.of([1]), meta: undefined, deadlineMs, settler };
}

export function to(id: string, from: string | null = null): Route {
  return { to: id, via: 'server', from };
}
