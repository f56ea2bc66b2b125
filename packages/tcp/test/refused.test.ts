import { describe, expect, it } from 'vitest';
import { FRAME } from '../src/frame.ts';
import { refuse } from '../src/index.ts';
import { dial, failure, gate, next, start, startEcho, startNet } from './fixture.ts';
import { rawFrame } from './raw.ts';

describe('a client that is refused', () => {
  it.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
  ])('with %i is told so as `%s`, and does not come back', async (status, subtype) => {
    const asked: string[] = [];
    const { url } = await start({
      accept: ({ url }) => {
        asked.push(url);
        return refuse(url === '/final' ? status : 503);
      },
    });
    const client = dial(`${url}/final`, { backoffBaseMs: 1 });
    const [ready, call] = [failure(client.ready()), failure(client.send('never sent'))];
    const [error] = await next(client.events, 'failed');

    expect(error.subtype).toBe(subtype);
    expect((await ready).subtype).toBe(subtype);
    expect(await call).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect((await failure(client.ready())).subtype).toBe(subtype);
    // Another client with the same back-off has come back three times meanwhile.
    const other = dial(`${url}/busy`, { backoffBaseMs: 1 });
    for (let i = 0; i < 3; i += 1) await next(other.events, 'reconnecting');
    expect(asked.filter((path) => path === '/final')).toHaveLength(1);
  });

  it('ends the connection it came by, also when the server does not', async () => {
    const ended = gate();
    const { net, url } = await startNet();
    net.on('connection', (stream) => {
      stream.on('close', () => ended.open());
      stream.resume().write(rawFrame(FRAME.refused, Buffer.from([0x01, 0x91])));
    });
    const client = dial(url);

    expect((await failure(client.ready())).subtype).toBe('unauthorized');

    await ended.promise;
  });

  it.each([400, 404, 408, 429, 500, 503])('with %i is tried again', async (status) => {
    let asked = 0;
    const { url } = await startEcho({
      accept: () => {
        asked += 1;
        return asked < 3 ? refuse(status) : undefined;
      },
    });

    expect(await dial(url, { backoffBaseMs: 1 }).send('echo', status)).toBe(status);

    expect(asked).toBe(3);
  });

  it('for a dialect the server does not know is tried again: another server may', async () => {
    const { server, url } = await startEcho();
    const refused = next(server.events, 'refused');
    const { swarm1 } = await import('@swarm/core');
    const client = dial(url, { dialect: { ...swarm1, name: 'swarm.9' } });

    await next(client.events, 'reconnecting');

    expect((await refused)[0].status).toBe(406);
  });
});
