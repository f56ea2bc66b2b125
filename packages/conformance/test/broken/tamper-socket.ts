import type { Message, Socket, SocketHost } from '@swarm/core';
import type { SocketFixture, SocketPair } from '../../src/index.ts';
import { memoryPair } from './memory-pair.ts';

/** A socket that breaks promises, and exactly those it breaks. */
export interface BrokenSocket {
  readonly what: string;
  /** Ids of clauses. */
  readonly breaks: readonly string[];
  /** What both ends of a pair do otherwise; what all pairs share is kept in here. */
  readonly tamper: () => (socket: Socket, sever: () => void) => Partial<Socket>;
}

/** Whatever comes is there long before; only what never comes takes so long. */
const SETTLE_MS = 100;

/** Pairs in memory; without tampering, as they should be. */
export function socketFixtureOf(tamper: BrokenSocket['tamper'] = () => () => ({})): SocketFixture {
  const change = tamper();
  const pair = async (): Promise<SocketPair> => {
    const { near, far, sever } = memoryPair();
    const tampered = (socket: Socket) =>
      overlaid(
        socket,
        change(socket, () => void sever()),
      );
    return { near: tampered(near), far: tampered(far), sever };
  };
  return { pair, settleMs: SETTLE_MS };
}

/** The socket with some of its parts replaced; `bufferedBytes` may be one that counts. */
function overlaid(socket: Socket, parts: Partial<Socket>): Socket {
  const whole: Socket = {
    get bufferedBytes() {
      return socket.bufferedBytes ?? 0;
    },
    attach: (host) => socket.attach(host),
    send: (message) => socket.send(message),
    close: (code, reason) => socket.close(code, reason),
  };
  return Object.defineProperties(whole, Object.getOwnPropertyDescriptors(parts));
}

export function onSend(_socket: Socket, send: (message: Message) => unknown): Partial<Socket> {
  return { send: (message) => void send(message) };
}

export function onMessage(
  socket: Socket,
  make: (host: SocketHost) => SocketHost['message'],
): Partial<Socket> {
  const closedOf = (host: SocketHost) => (code: number, reason: string) =>
    host.closed(code, reason);
  return { attach: (host) => socket.attach({ message: make(host), closed: closedOf(host) }) };
}

export function onClosed(
  socket: Socket,
  make: (host: SocketHost) => SocketHost['closed'],
): Partial<Socket> {
  const messageOf = (host: SocketHost) => (message: Message) => host.message(message);
  return { attach: (host) => socket.attach({ message: messageOf(host), closed: make(host) }) };
}
