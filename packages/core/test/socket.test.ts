import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { EventSocket, Message, SocketHost } from '../src/index.ts';
import { toSocket } from '../src/listening-socket.ts';
import { PairedSocket } from './pair.ts';

/** A socket with listeners, as the `ws` package has it. */
class Listened extends EventEmitter implements EventSocket {
  bufferedAmount: unknown = 5;
  readyState: unknown = 1;
  readonly calls: unknown[] = [];

  send(message: Message): void {
    this.calls.push(message);
  }

  /** Like that of `ws`, which throws for a code that no close frame may carry. */
  close(code = 1000, reason = ''): void {
    const isFree = code >= 3000 && code < 5000;
    const isKnown = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
    if (!isFree && !isKnown)
      throw new TypeError('First argument must be a valid error code number');
    if (Buffer.byteLength(reason) > 123) throw new RangeError('the message is too long');
    this.calls.push([code, reason]);
  }
}

class Heard implements SocketHost {
  readonly messages: Message[] = [];
  readonly closes: unknown[] = [];

  message(message: Message): void {
    this.messages.push(message);
  }

  closed(code: number, reason: string): void {
    this.closes.push([code, reason]);
  }
}

function attach(listened = new Listened()) {
  const heard = new Heard();
  const socket = toSocket(listened);
  socket.attach(heard);
  return { listened, heard, socket };
}

describe('toSocket', () => {
  it('leaves a socket as it is', () => {
    const [socket] = PairedSocket.pair();

    expect(toSocket(socket)).toBe(socket);
  });
});

describe('a socket with listeners', () => {
  it('passes text and bytes on, in any form of bytes', () => {
    const { listened, heard } = attach();

    listened.emit('message', 'text');
    listened.emit('message', new Uint8Array([1]));
    listened.emit('message', new Uint8Array([2]).buffer);
    listened.emit('message', Buffer.from([3]), true);

    const [text, ...bytes] = heard.messages;
    expect(text).toBe('text');
    expect(bytes.map((message) => message instanceof Uint8Array && [...message])).toEqual([
      ...[[1], [2], [3]],
    ]);
  });

  it('makes a message without meaning of anything else', () => {
    const { listened, heard } = attach();

    for (const nonsense of [undefined, 7, {}, [new Uint8Array()]])
      listened.emit('message', nonsense);

    expect(heard.messages).toEqual(['', '', '', '']);
  });

  it('tells of the close once, and hears nothing after it', () => {
    const { listened, heard } = attach();

    listened.emit('close', 4409, 'replaced');
    listened.emit('close', 1000, '');
    listened.emit('message', 'late');

    expect(heard.closes).toEqual([[4409, 'replaced']]);
    expect(heard.messages).toEqual([]);
  });

  it('reads codes and reasons that are not there, in bytes, or nonsense', () => {
    for (const { emitted, heardAs } of [
      { emitted: [], heardAs: [1006, ''] },
      { emitted: [4000, Buffer.from('begründet')], heardAs: [4000, 'begründet'] },
      { emitted: [4000, Buffer.from([0xff])], heardAs: [4000, ''] },
      { emitted: [4000, 7], heardAs: [4000, ''] },
    ]) {
      const { listened, heard } = attach();
      listened.emit('close', ...emitted);
      expect(heard.closes).toEqual([heardAs]);
    }
  });

  it('survives an error event: the close after it says enough', () => {
    const { listened, heard } = attach();

    listened.emit('error', new Error('reset'));

    expect(heard.closes).toEqual([]);
  });

  it('sends and closes until it is closed', () => {
    const { listened, socket } = attach();

    socket.send('a');
    socket.close(1000, 'done');
    listened.emit('close', 1000, 'done');
    socket.send('b');
    socket.close(1000, 'again');

    expect(listened.calls).toEqual(['a', [1000, 'done']]);
  });

  it('closes with any code and reason the core may have, and never throws', () => {
    for (const code of [1005, 1006, 1015, 2000, 4999]) {
      const { listened, socket } = attach();

      expect(() => socket.close(code, 'x'.repeat(200))).not.toThrow();

      expect(listened.calls).toHaveLength(1);
    }
  });

  it('is closed when it cannot send: its node must not stay', () => {
    const { listened, heard, socket } = attach();
    listened.send = () => {
      throw new Error('not open');
    };

    expect(() => socket.send('a')).not.toThrow();
    socket.send('b');
    listened.emit('close', 1000, '');

    expect(heard.closes).toMatchObject([[1006, expect.any(String)]]);
    expect(listened.calls).toEqual([[1011, expect.any(String)]]);
  });

  it('is closed from the start when it was attached too late', () => {
    for (const readyState of [2, 3]) {
      const listened = new Listened();
      listened.readyState = readyState;

      const { heard, socket } = attach(listened);
      socket.send('late');

      expect(heard.closes).toEqual([[1006, '']]);
      expect(listened.calls).toEqual([]);
    }
  });

  it('knows what is unsent where the socket does', () => {
    const { listened, socket } = attach();
    expect(socket.bufferedBytes).toBe(5);

    listened.bufferedAmount = undefined;
    expect(socket.bufferedBytes).toBe(0);
  });
});
