import { Writable } from 'node:stream';
import { ReplyError } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { Publish } from '../src/publish.ts';

describe('a PUBLISH', () => {
  it.each([0, 1, 4_096, 4_097, 70_000])('is written as RESP has it, with %i bytes', (length) => {
    const payload = Buffer.alloc(length + 8, '\r\n$').subarray(5, 5 + length);
    const written: Uint8Array[] = [];
    const stream = new Writable({
      write: (bytes: Uint8Array, _encoding, done) => {
        written.push(bytes);
        done();
      },
    });

    written.push(new Publish('publish', 'swarm.n.1', payload, () => {}).toWritable(stream));

    const head = `*3\r\n$7\r\nPUBLISH\r\n$9\r\nswarm.n.1\r\n$${length}\r\n`;
    const expected = Buffer.concat([Buffer.from(head), payload, Buffer.from('\r\n')]);
    expect(Buffer.concat(written).equals(expected)).toBe(true);
    // Great ones are not copied.
    expect(written.includes(payload)).toBe(length > 4_096);
  });

  it('is unheard for a count of 0 and a refusal, and not because the connection ended', () => {
    const verdictOf = (settle: (command: Publish) => void) => {
      let unheard = 0;
      settle(
        new Publish('publish', 'swarm.n.1', Buffer.from('x'), () => {
          unheard += 1;
        }),
      );
      return unheard;
    };

    expect(verdictOf((command) => command.resolve(0))).toBe(1);
    expect(verdictOf((command) => command.resolve(2))).toBe(0);
    expect(verdictOf((command) => command.reject(new ReplyError('BUSY')))).toBe(1);
    expect(verdictOf((command) => command.reject(new Error('Connection is closed.')))).toBe(0);
  });

  it('keeps its bytes to itself: what it is called with is not in its arguments', () => {
    const command = new Publish('publish', 'swarm.n.1', Buffer.from('s3cret'), () => {});

    expect(command.args).toEqual([]);
  });
});
