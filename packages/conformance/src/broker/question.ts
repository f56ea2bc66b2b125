import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { HOST } from './port.ts';

const ANSWER_MS_MAX = 1_000;

/** How to find out whether a broker does its work, in its own protocol. */
export interface Question {
  readonly isSecure: boolean;
  /** What is sent, once connected; nothing for a broker that speaks first. */
  readonly bytes: Uint8Array;
  /** Whether this, the beginning of what comes back, says so. */
  readonly isAnswer: (bytes: Buffer) => boolean;
}

/** Connects and asks once. */
export async function answers(port: number, question: Question): Promise<boolean> {
  const socket = connect(port, question.isSecure);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.setTimeout(ANSWER_MS_MAX, () => resolve(false));
      socket.once('data', (bytes: Buffer) => resolve(question.isAnswer(bytes)));
      socket.once('close', () => resolve(false));
      // What goes wrong ends in a close.
      socket.on('error', () => {});
      if (question.bytes.length > 0) socket.write(question.bytes);
    });
  } finally {
    socket.destroy();
  }
}

function connect(port: number, isSecure: boolean): Socket {
  const target = { host: HOST, port };
  // Its certificate is of the test's own making.
  return isSecure ? connectSecure({ ...target, rejectUnauthorized: false }) : connectPlain(target);
}
