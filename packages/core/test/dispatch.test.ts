import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Body } from '../src/body.ts';
import { Context } from '../src/context.ts';
import { dispatch } from '../src/dispatch.ts';
import { asOutcome, protocolError, SwarmError } from '../src/errors.ts';
import { isWireMessage } from '../src/guard.ts';
import { swarmJson } from '../src/json-dialect.ts';
import { Peer } from '../src/machine/peer.ts';
import { newContext, newEventContext } from './contexts.ts';
import { PeerRecorder, peerConfig, toValue } from './hosts.ts';

type Handler = (ctx: Context<string>) => unknown;

async function answersTo(...handlers: Handler[]) {
  const { ctx, answers } = newContext();
  dispatch({ middleware: [], handlers, definition: undefined, last: null }, ctx, () =>
    expect.unreachable(),
  );
  await settled();
  return answers;
}

async function errorsOf(...handlers: Handler[]) {
  const errors: unknown[] = [];
  const ctx = newEventContext();
  dispatch({ middleware: [], handlers, definition: undefined, last: null }, ctx, (error, of) =>
    errors.push([error, of]),
  );
  await settled();
  return { errors, ctx };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function throwing(value: unknown): Handler {
  return () => {
    throw value;
  };
}

describe('dispatch', () => {
  it('answers with the result, now or later', async () => {
    for (const handler of [() => [1], async () => [1]]) {
      expect(await answersTo(handler)).toMatchObject([{ ok: true, body: { value: [1] } }]);
    }
  });

  it('passes a body on as it is', async () => {
    const body = Body.of(1);
    const answers = await answersTo(() => body);

    expect(answers).toMatchObject([{ ok: true }]);
    expect(answers[0]).toHaveProperty('body', body);
  });

  it('answers internal, having run the handlers, for a result nobody can encode', async () => {
    expect(await answersTo(() => 1n)).toMatchObject([
      { ok: false, error: { subtype: 'internal', delivered: 'yes' } },
    ]);
  });

  it('answers with the error a handler threw, now or later', async () => {
    const error = new SwarmError('no', { data: 1, code: 'NO' });
    for (const handler of [throwing(error), async () => throwing(error)(newContext().ctx)]) {
      expect(await answersTo(handler)).toMatchObject([
        { ok: false, error: { code: 'NO', data: 1 } },
      ]);
    }
  });

  it('answers unhandled as the protocol’s own failure', async () => {
    expect(await answersTo()).toMatchObject([
      { ok: false, error: { type: 'protocol', subtype: 'unhandled', delivered: 'no' } },
    ]);
  });

  it('keeps apart the outcome of this exchange and the failure of another', async () => {
    const failure = protocolError('timeout', 'no', 'of another exchange');
    expect(await answersTo(throwing(failure))).toMatchObject([
      { ok: false, error: { type: 'endpoint', subtype: null, delivered: 'yes' } },
    ]);

    const outcome = asOutcome(protocolError('timeout', 'unknown', 'of this one'));
    expect(await answersTo(throwing(outcome))).toMatchObject([
      { ok: false, error: { subtype: 'timeout', delivered: 'unknown' } },
    ]);
  });

  it('answers nothing to an event, and reports what its handlers threw', async () => {
    expect((await errorsOf(() => 1)).errors).toEqual([]);
    expect((await errorsOf(async () => 1n)).errors).toEqual([]);
    expect((await errorsOf()).errors).toEqual([]);

    for (const handler of [throwing('no'), async () => throwing('no')(newContext().ctx)]) {
      const { errors, ctx } = await errorsOf(handler);
      expect(errors).toEqual([['no', ctx]]);
    }
  });

  it('gives exactly one answer, whatever is thrown', async () => {
    const values = [new Error('e'), 'text', null, undefined, 7, 1n, Symbol('s'), {}, [], () => {}];
    for (const value of [...values, { message: 5 }, Object.create(null)]) {
      for (const handler of [throwing(value), () => Promise.reject(value)]) {
        expect(await sentFor(handler)).toEqual(['error']);
      }
    }
  });

  it('gives exactly one answer to what cannot even be looked at', async () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const hostile = new Error('hostile');
    Object.defineProperty(hostile, 'name', {
      get: () => {
        throw new Error('not even this');
      },
    });

    for (const value of [revoked.proxy, hostile]) {
      expect(await sentFor(throwing(value))).toEqual(['error']);
    }
  });

  it('gives an answer that can be read to what looks like an error of ours', async () => {
    const look = { name: 'SwarmError', type: 'endpoint', delivered: 'yes', data: null };
    for (const disguise of [
      { ...look, code: 404 },
      { ...look, message: 5 },
      { ...look, delivered: 'maybe' },
    ]) {
      const value = Object.assign(new Error('in disguise'), disguise);
      expect(await sentFor(throwing(value))).toEqual(['error']);
    }
  });

  it('gives exactly one answer, and one that can be read, for any value there is', async () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(anything, fc.boolean(), async (value, isThrown) => {
        const sent = await sentFor(isThrown ? throwing(value) : () => value);

        expect(sent).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });
});

/** The types of the answers that a real peer sends for one request with this handler. */
async function sentFor(handler: Handler): Promise<unknown[]> {
  const host = new PeerRecorder();
  const peer = new Peer(host, host, swarmJson, peerConfig());
  host.serve = (frame, request) => {
    const origin = { kind: 'client', node: 'node', sender: null, request } as const;
    const ctx = new Context(origin, frame);
    dispatch(
      { middleware: [], handlers: [handler], definition: undefined, last: null },
      ctx,
      () => {},
    );
  };
  peer.open({}, 0);
  host.take();
  peer.receive('{"type":"request","correlationId":"a","name":"x"}', 0);
  await settled();
  return host.transmitted.map((message) => {
    const value = toValue(message);
    return isWireMessage(value) ? value.type : `unreadable: ${String(message)}`;
  });
}
