import {
  type Capabilities,
  type Link,
  type LinkHost,
  type MemorySwarm,
  memory,
  type Swarm,
} from '@swarm/core';
import type { SwarmFixture } from '../../src/index.ts';

type Connect = Swarm['connect'];

/** What a broken swarm does otherwise than memory. What is absent is as it should be. */
export interface Tampering {
  /** Between memory and the host of a new link. */
  readonly host?: (host: LinkHost) => Partial<LinkHost>;
  /** Between the user of a link and memory. */
  readonly link?: (link: Link, host: LinkHost) => Partial<Link>;
  /** Hosts that come here can be spread. */
  readonly connect?: (connect: Connect) => Connect;
  readonly capabilities?: Capabilities;
  readonly fixture?: (fixture: SwarmFixture) => Partial<SwarmFixture>;
}

/** A swarm that breaks promises, and exactly those it breaks. */
export interface BrokenSwarm {
  readonly what: string;
  /** Ids of clauses. */
  readonly breaks: readonly string[];
  /** What its links share is kept in here. */
  readonly tamper: (inner: MemorySwarm) => Tampering;
}

/** Whatever comes is there long before; only what never comes takes so long. */
const SETTLE_MS = 100;

let swarms = 0;

/** A swarm of its own for one clause; without tampering, memory as it should be. */
export function fixtureOf(tamper: BrokenSwarm['tamper'] = () => ({})): SwarmFixture {
  swarms += 1;
  const inner = memory(`memory:tampered-${swarms}`);
  const tampering = tamper(inner);
  const fixture: SwarmFixture = {
    swarm: tampered(inner, tampering),
    sever: () => inner.cut(),
    settleMs: SETTLE_MS,
    unreachable: unreachable(() => Promise.reject(new Error('nobody is there'))),
  };
  return { ...fixture, ...tampering.fixture?.(fixture) };
}

/** What a fixture says of a broker that is not there. */
export function unreachable(connect: Connect): NonNullable<SwarmFixture['unreachable']> {
  return { swarm: { ...memory(), connect }, secret: 'hunter2' };
}

function tampered(inner: MemorySwarm, tampering: Tampering): Swarm {
  const { host, link, connect = (same) => same, capabilities = inner.capabilities } = tampering;
  const connectTampered: Connect = async (told) => {
    if (told.frameBytesMax > capabilities.frameBytesMax) throw new Error('it carries less');
    const outer = { ...told, ...host?.(told) };
    const made = await inner.connect(outer);
    return { ...made, ...link?.(made, outer) };
  };
  const connectAny = connect(connectTampered);
  return { name: 'tampered', capabilities, connect: (theirs) => connectAny(toHost(theirs)) };
}

/** The same host, as an object that can be spread. */
function toHost(host: LinkHost): LinkHost {
  return {
    inbox: host.inbox,
    frameBytesMax: host.frameBytesMax,
    deliver: (subject, payload) => host.deliver(subject, payload),
    undeliverable: (token) => host.undeliverable(token),
    pressure: (on) => host.pressure(on),
    healed: () => host.healed(),
    lost: (cause) => host.lost(cause),
  };
}

export function onDeliver(make: (host: LinkHost) => LinkHost['deliver']): Tampering {
  return { host: (host) => ({ deliver: make(host) }) };
}

export function onPublish(make: (link: Link, host: LinkHost) => Link['publish']): Tampering {
  return { link: (link, host) => ({ publish: make(link, host) }) };
}

export function onSubscribe(make: (link: Link, host: LinkHost) => Link['subscribe']): Tampering {
  return { link: (link, host) => ({ subscribe: make(link, host) }) };
}

export function onUnsubscribe(make: (link: Link) => Link['unsubscribe']): Tampering {
  return { link: (link) => ({ unsubscribe: make(link) }) };
}

export function onClose(make: (link: Link, host: LinkHost) => Link['close']): Tampering {
  return { link: (link, host) => ({ close: make(link, host) }) };
}

/** How it is with a link. */
export interface LinkState {
  readonly isClosed: boolean;
  readonly isLost: boolean;
}

/** What a link does that knows whether it is over. */
export function onceOver(
  make: (link: Link, state: LinkState, host: LinkHost) => Partial<Link>,
): Tampering {
  return {
    connect: (connect) => async (host) => {
      const state = { isClosed: false, isLost: false };
      const lost = (cause: unknown) => {
        state.isLost = true;
        host.lost(cause);
      };
      const link = await connect({ ...host, lost });
      const made = { ...link, ...make(link, state, host) };
      const close = () => {
        const closing = made.close();
        state.isClosed = true;
        return closing;
      };
      return { ...made, close };
    },
  };
}

/** A host of our own that listens to nothing. */
export function nobody(inbox: string): LinkHost {
  return {
    inbox,
    frameBytesMax: 1,
    deliver: () => {},
    undeliverable: () => {},
    pressure: () => {},
    healed: () => {},
    lost: () => {},
  };
}

/** True each time it was asked so often. */
export function every(times: number): () => boolean {
  let count = 0;
  return () => {
    count += 1;
    return count % times === 0;
  };
}

/** When everything that was published has been delivered. */
export function later(callback: () => void): void {
  setImmediate(callback);
}

export function never(): Promise<never> {
  return new Promise(() => {});
}
