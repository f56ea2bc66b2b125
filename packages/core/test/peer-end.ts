import { Body } from '../src/body.ts';
import { swarmJson } from '../src/json-dialect.ts';
import type { Call, Notice } from '../src/machine/contract.ts';
import { Peer } from '../src/machine/peer.ts';
import { PeerRecorder, peerConfig, Settled } from './hosts.ts';

export function newPeer(role: 'opens' | 'waits' = 'opens') {
  const host = new PeerRecorder();
  const config = peerConfig();
  const peer = new Peer(host, host, swarmJson, config, role);
  const receive = (message: object, nowMs = 0) => peer.receive(JSON.stringify(message), nowMs);
  return { host, peer, receive, wheel: config.wheel };
}

export function openPeer() {
  const end = newPeer();
  end.peer.open({}, 0);
  end.host.take();
  return end;
}

export function call(settler = new Settled(), deadlineMs = 1_000): Call {
  return { name: 'add', body: Body.of([1, 2]), meta: undefined, deadlineMs, settler };
}

export function notice(name: string): Notice {
  return { name, body: Body.of([]), meta: undefined };
}
