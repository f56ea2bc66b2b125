import type { Writable } from 'node:stream';
import { Command } from 'ioredis';
import { isReply } from './failure.ts';

const HEADS = {
  publish: '*3\r\n$7\r\nPUBLISH\r\n$',
  spublish: '*3\r\n$8\r\nSPUBLISH\r\n$',
} as const;
const CRLF = Buffer.from('\r\n');
/** Up to here, copying a payload next to its head costs less than writing it by itself. */
const COPIED_BYTES_MAX = 4_096;

/**
 * A PUBLISH that writes itself and calls back at once. When ioredis writes it, and a promise brings
 * the answer, a message costs half as much again on its whole way.
 */
export class Publish extends Command {
  readonly #head: string;
  readonly #payload: Uint8Array;

  /** `unheard` is called if Redis counts no deliveries, or refuses; then with its reply. */
  constructor(
    name: keyof typeof HEADS,
    channel: string,
    payload: Uint8Array,
    unheard: (refusal?: unknown) => void,
  ) {
    super(name);
    this.#head = `${HEADS[name]}${channel.length}\r\n${channel}\r\n$${payload.length}\r\n`;
    this.#payload = payload;
    this.resolve = (count: number) => {
      if (count === 0) unheard();
    };
    // Anything but a reply means that the connection has ended, and that is told elsewhere.
    this.reject = (error) => {
      if (isReply(error)) unheard(error);
    };
  }

  override toWritable(stream: Writable): Buffer {
    const [head, payload] = [this.#head, this.#payload];
    if (payload.length > COPIED_BYTES_MAX) {
      stream.write(head, 'latin1');
      stream.write(payload);
      return CRLF;
    }
    const bytes = Buffer.allocUnsafe(head.length + payload.length + CRLF.length);
    bytes.write(head, 'latin1');
    bytes.set(payload, head.length);
    bytes.set(CRLF, head.length + payload.length);
    return bytes;
  }
}
