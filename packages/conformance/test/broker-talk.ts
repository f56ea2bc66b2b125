import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { HOST } from '../src/broker/port.ts';

/** A connection that speaks in lines, as Redis and NATS do. */
export interface Talk {
  /** Lines that have come and that nobody has asked for yet. */
  readonly unheard: readonly string[];
  /** Resolves with how the connection ended: the code of its error, or null without one. */
  readonly ended: Promise<string | null>;
  say(line: string): void;
  /** Resolves with the next line; rejects when the connection ends first. */
  hear(): Promise<string>;
  /** Ends its own half. */
  end(): void;
  reset(): void;
}

interface TalkOptions {
  /** Its own half does not end with that of the other end. */
  readonly allowHalfOpen?: boolean;
}

/** Connects; the end of the test is that of the connection at the latest. */
export async function talkTo(port: number, options: TalkOptions = {}): Promise<Talk> {
  const socket = connect({ port, host: HOST, ...options });
  await once(socket, 'connect');
  onTestFinished(() => {
    socket.destroy();
  });
  const unheard: string[] = [];
  const news = new EventEmitter();
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\r\n');
    rest = lines.pop() ?? '';
    unheard.push(...lines);
    news.emit('lines');
  });
  const ended = new Promise<string | null>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? null));
    socket.once('close', () => resolve(null));
  });
  const lost = ended.then(() => Promise.reject(new Error('the connection has ended')));
  lost.catch(() => {});
  return {
    unheard,
    ended,
    say: (line) => socket.write(`${line}\r\n`),
    async hear() {
      while (unheard.length === 0) await Promise.race([once(news, 'lines'), lost]);
      return unheard.shift() ?? '';
    },
    end: () => socket.end(),
    reset: () => socket.resetAndDestroy(),
  };
}

/** The code of the error that a connection is refused with. */
export async function refusalOf(port: number, host: string = HOST): Promise<string | null> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : null;
  } finally {
    socket.destroy();
  }
}

/** Lets others have their say: this many questions of ours are answered meanwhile. */
export async function exchange(talk: Talk, times = 50): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    talk.say('PING');
    await talk.hear();
  }
}
