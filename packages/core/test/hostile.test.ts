import { expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { SwarmError } from '../src/errors.ts';
import type { Message } from '../src/index.ts';
import { swarmJson } from '../src/json-dialect.ts';
import type { Outcome } from '../src/machine/contract.ts';
import { Peer } from '../src/machine/peer.ts';
import { Router } from '../src/machine/router.ts';
import type { ServedRequest } from '../src/machine/served.ts';
import {
  encodeSwarmFrame,
  frameTo,
  SWARM_KINDS,
  type SwarmFrame,
  TARGET_KINDS,
} from '../src/swarm-frame.ts';
import {
  OTHER,
  OWN,
  PeerRecorder,
  peerConfig,
  RouterRecorder,
  routerConfig,
  Settled,
} from './hosts.ts';
import { call, INBOX, THIRD, to } from './router-end.ts';
import { Random } from './runtime.ts';

const FRAMES = 50_000;
const SUBJECTS = [INBOX, 'test.n.here'];
const random = new Random(20_260_401);

const WORDS = [
  '',
  'a',
  'add',
  '__proto__',
  'constructor',
  'é',
  '\ud800',
  'x'.repeat(300),
  '*',
  '>',
];

/** A JSON value; the awkward ones are not rare. */
function value(depth = 0): unknown {
  switch (random.below(depth > 3 ? 6 : 9)) {
    case 0:
      return null;
    case 1:
      return random.pick([-1, 0, 1, 2, 3, 0.5, 2 ** 53, 86_400_001, 1e300]);
    case 2:
      return random.pick([true, false]);
    case 3:
    case 4:
    case 5:
      return random.pick(WORDS);
    case 6:
      return Array.from({ length: random.below(4) }, () => value(depth + 1));
    case 7:
      return Object.fromEntries([[random.pick(WORDS), value(depth + 1)]]);
    default:
      return JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}');
  }
}

/** A message of `swarm.json` that is valid, so that the changes made to it reach all depths. */
function wireMessage(): Record<string, unknown> {
  const correlationId = random.pick<unknown>([random.below(12), String(random.below(12)), 'q']);
  switch (random.below(9)) {
    case 0:
    case 1:
    case 2: {
      const ttlMs = random.pick([undefined, 0, 100, 5_000]);
      return { type: 'request', correlationId, name: 'add', args: [value()], ttlMs };
    }
    case 3:
      return { type: 'event', name: 'moved', args: value(), meta: { t: '1' } };
    case 4:
      return { type: 'response', correlationId, result: value() };
    case 5:
      return { type: 'error', correlationId, errorType: 'endpoint', message: 'no', data: value() };
    case 6:
      return { type: 'cancel', correlationId };
    case 7:
      return { type: random.pick(['ping', 'pong']), correlationId };
    default:
      return { type: random.pick(['init', 'x-any', 'item', 'dance']), correlationId };
  }
}

function hostileMessage(): Message {
  const message = wireMessage();
  const luck = random.next();
  if (luck < 0.2) message[random.pick([...Object.keys(message), ...WORDS])] = value();
  if (luck > 0.95) return JSON.stringify(value());
  const text = JSON.stringify(message);
  if (luck > 0.3 && luck < 0.8) return text;
  const bytes = new TextEncoder().encode(text);
  return luck < 0.3 ? bytes : changed(bytes);
}

/** With some bytes changed, or cut, or more of them. */
function changed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  for (let i = random.below(4); i >= 0 && copy.length > 0; i -= 1) {
    copy[random.below(copy.length)] = random.below(256);
  }
  return random.next() < 0.3 ? copy.subarray(random.below(2), random.below(copy.length + 1)) : copy;
}

function swarmFrame(): SwarmFrame {
  const kind = random.pick(SWARM_KINDS);
  const process = random.pick([OTHER, THIRD, OWN]);
  const isCall = kind === 'request' || kind === 'event';
  return {
    ...frameTo(kind, process, random.pick(['here', 'too', 'gone'])),
    target: random.next() < 0.9 ? 'node' : random.pick(TARGET_KINDS),
    node: random.pick([null, 'here', 'far']),
    id: random.below(40),
    ttlMs: random.pick([0, 100, 5_000]),
    via: random.pick(['server', 'remoteClient']),
    name: isCall ? 'load' : '',
    meta: random.pick([undefined, { t: '1' }]),
    body: random.next() < 0.9 ? Body.decoded(value()) : Body.received(new Uint8Array([1, 2]), 9),
  };
}

function hostilePayload(): Uint8Array {
  const bytes = encodeSwarmFrame(swarmFrame());
  return random.next() < 0.5 ? bytes : changed(bytes);
}

/** What a handler makes of a request: an answer now, later, never, or one nobody can write. */
function handle(request: ServedRequest, later: ServedRequest[]): void {
  const luck = random.next();
  if (luck < 0.4) request.answer(outcome());
  else if (luck < 0.7) later.push(request);
}

function outcome(): Outcome {
  if (random.next() < 0.7) return { ok: true, body: Body.decoded(value()) };
  return { ok: false, error: new SwarmError('no', { data: random.pick([1n, null, value()]) }) };
}

function attackPeer(frames: number): PeerRecorder {
  const host = new PeerRecorder();
  const config = peerConfig({ malformedFramesMax: random.pick([3, 1_000]), openRequestsMax: 16 });
  const peer = new Peer(host, host, swarmJson, config, random.pick(['opens', 'waits']));
  const [later, settlers]: [ServedRequest[], Settled[]] = [[], []];
  host.serve = (frame, request) => {
    host.started.push(frame.name);
    // Whatever reaches a handler is a value like any other.
    expect(JSON.stringify(frame.body.value)).not.toContain('"__proto__":');
    if (request !== null) handle(request, later);
  };
  host.onShut = () => peer.lost('shut');
  if (random.next() < 0.8) peer.open({}, 0);
  let nowMs = 0;
  for (let i = 0; i < frames; i += 1) {
    peer.receive(hostileMessage(), nowMs);
    if (random.next() < 0.1) later.pop()?.answer(outcome());
    if (random.next() < 0.1 && peer.isOpen && peer.size < 16) {
      const settler = new Settled();
      peer.request(call(settler, nowMs + 200), nowMs);
      settlers.push(settler);
    }
    nowMs += random.below(20);
    config.wheel.advance(nowMs);
  }
  peer.lost('over');
  for (const request of later) request.answer(outcome());
  expect([peer.size, config.wheel.size]).toEqual([0, 0]);
  expect(settlers.every(({ outcomes }) => outcomes.length === 1)).toBe(true);
  return host;
}

it(`survives ${FRAMES} messages that a socket should not send, and keeps nothing of them`, () => {
  let started = 0;
  for (let sent = 0; sent < FRAMES; sent += 250) started += attackPeer(250).started.length;

  // Else the attack was no test of what lies behind the first guard.
  expect(started).toBeGreaterThan(FRAMES / 50);
  expect({}).not.toHaveProperty('polluted');
}, 20_000);

/** Asks a node of this process, or of another one. */
function askAny(router: Router<string>, nowMs: number): Settled {
  const settler = new Settled();
  router.request(to(random.pick(['here', 'far'])), call(settler, nowMs + 200), nowMs);
  return settler;
}

it(`survives ${FRAMES} messages that no process should send, and keeps nothing of them`, () => {
  const host = new RouterRecorder();
  const config = routerConfig({ routedRequestsMax: 64 });
  const router = new Router<string>(host, config);
  const [later, settlers]: [ServedRequest[], Settled[]] = [[], []];
  let [nowMs, epoch] = [0, 1];
  host.serve = (_node, frame, request) => {
    host.started.push(frame.name);
    handle(request, later);
  };
  host.publish = () => {};
  host.onEvict = () => {};
  router.opened(epoch);
  router.ready(epoch);
  for (const id of ['here', 'too']) router.add(id, id);

  for (let i = 0; i < FRAMES; i += 1) {
    router.receive(random.pick(SUBJECTS), hostilePayload(), nowMs);
    if (random.next() < 0.1) later.pop()?.answer(outcome());
    if (random.next() < 0.1 && router.size < 60) settlers.push(askAny(router, nowMs));
    if (random.next() < 0.1) router.undeliverable(random.below(1_000), nowMs);
    if (random.next() < 0.3) router.flush(nowMs);
    if (random.next() < 0.001) {
      router.lost(epoch);
      epoch += 1;
      router.opened(epoch);
      router.ready(epoch);
    }
    nowMs += random.below(20);
    config.wheel.advance(nowMs);
  }
  router.lost(epoch);
  for (let i = 0; i < 3; i += 1) {
    nowMs += 86_400_064;
    config.wheel.advance(nowMs);
    router.flush(nowMs);
  }

  expect([router.size, config.wheel.size]).toEqual([0, 0]);
  expect(settlers.every(({ outcomes }) => outcomes.length === 1)).toBe(true);
  expect(host.started.length).toBeGreaterThan(FRAMES / 50);
}, 20_000);
