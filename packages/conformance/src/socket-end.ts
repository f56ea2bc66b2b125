import type { Message, Socket, SocketHost } from '@swarm/core';
import type { Waiting } from './clauses/waiting.ts';

/** How a socket was told to be closed. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** One end of a connection, and everything that its host was told. */
export class SocketEnd implements SocketHost {
  readonly name: string;
  readonly socket: Socket;
  readonly messages: Message[] = [];
  readonly closings: Closing[] = [];
  /** Messages that came after the host was told that the socket is closed. */
  readonly late: Message[] = [];
  /** What to do with a message beyond writing it down. */
  onMessage: (message: Message) => void = () => {};
  readonly #waiting: Waiting;

  constructor(name: string, socket: Socket, waiting: Waiting) {
    this.name = name;
    this.socket = socket;
    this.#waiting = waiting;
    socket.attach(this);
  }

  message(message: Message): void {
    this.messages.push(message);
    if (this.closings.length > 0) this.late.push(message);
    this.onMessage(message);
    this.#waiting.happened();
  }

  closed(code: number, reason: string): void {
    this.closings.push({ code, reason });
    this.#waiting.happened();
  }

  send(message: Message): void {
    this.socket.send(message);
  }

  close(code = 1000, reason = ''): void {
    this.socket.close(code, reason);
  }

  /** Resolves once so many messages were heard. */
  hears(count: number): Promise<void> {
    return this.#waiting.until(
      () => `the ${this.name} end hears ${count} messages, and not ${this.messages.length}`,
      () => this.messages.length >= count,
    );
  }

  /** Resolves once the host was told the end. */
  isTold(): Promise<void> {
    return this.#waiting.until(
      () => `the ${this.name} end is told that it is closed`,
      () => this.closings.length > 0,
    );
  }
}
