import { inspect } from 'node:util';
import { SwarmError } from '@swarm/core';
import { ReplyError } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { failure } from '../src/failure.ts';

const URL = 'redis://jane:s3cret@h:1?token=s3cret';

describe('a failure', () => {
  it('names the Redis without credentials, and keeps its cause', () => {
    const cause = new Error('read ECONNRESET');

    const error = failure('closed', 'unknown', URL, cause);

    expect(SwarmError.is(error)).toBe(true);
    expect(error).toMatchObject({ subtype: 'closed', delivered: 'unknown', cause });
    expect(error.message).toBe('redis://h:1: read ECONNRESET');
  });

  it('drops a cause that carries its command, where a password may be', () => {
    const cause = Object.assign(new ReplyError('WRONGPASS invalid'), {
      command: { name: 'auth', args: ['jane', 's3cret'] },
    });

    const error = failure('closed', 'no', URL, cause);

    expect(error.message).toBe('redis://h:1: WRONGPASS invalid');
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/s3cret|jane/);
  });

  it('has a reason, a short one, whatever failed', () => {
    const reasonOf = (cause: unknown) => failure('closed', 'no', URL, cause).message.slice(13);

    expect(reasonOf(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe(
      'ECONNREFUSED',
    );
    expect(reasonOf(new TypeError(''))).toBe('TypeError');
    expect(reasonOf('a text')).toBe('a text');
    expect(reasonOf(new Error('x'.repeat(1_000)))).toHaveLength(160);
  });
});
