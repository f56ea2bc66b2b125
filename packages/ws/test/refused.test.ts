import { createServer as createTcpServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { refuse } from '../src/index.ts';
import { dial, failure, gate, next, start, startTcp } from './fixture.ts';

describe('a refusal', () => {
  it.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
  ])('with %i is final, as `%s`', async (status, subtype) => {
    const asked: (string | undefined)[] = [];
    const { url } = await start({
      accept: (request) => {
        asked.push(request.url);
        return refuse(request.url === '/final' ? status : 503);
      },
    });
    const client = dial(`${url}/final`, { backoffBaseMs: 1 });
    const failed = next(client.events, 'failed');
    const waiting = failure(client.send('never sent'));

    expect(await failure(client.ready())).toMatchObject({ subtype, delivered: 'no' });

    expect((await failed)[0]).toMatchObject({ subtype });
    expect(await waiting).toMatchObject({ subtype: 'closed', delivered: 'no' });
    expect(await failure(client.send('too late'))).toMatchObject({
      subtype: 'closed',
      delivered: 'no',
    });
    expect((await failure(client.ready())).subtype).toBe(subtype);
    // Another client with the same back-off has come back three times meanwhile.
    const other = dial(`${url}/busy`, { backoffBaseMs: 1 });
    for (let i = 0; i < 3; i += 1) await next(other.events, 'reconnecting');
    expect(asked.filter((path) => path === '/final')).toHaveLength(1);
  });

  it('ends the connection it came by, also when the server does not', async () => {
    const ended = gate();
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.on('close', () => ended.open());
      socket.resume();
      // A body is announced that never comes.
      socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 10\r\n\r\n');
    });
    const client = dial(`ws://127.0.0.1:${await startTcp(tcp)}`);

    expect((await failure(client.ready())).subtype).toBe('unauthorized');

    await ended.promise;
  });

  it.each([400, 404, 408, 429, 500, 503])('with %i is tried again', async (status) => {
    let asked = 0;
    const { server, url } = await start({
      accept: () => {
        asked += 1;
        return asked < 3 ? refuse(status) : undefined;
      },
    });
    server.client.on('echo', (_ctx, value) => value);

    expect(await dial(url, { backoffBaseMs: 1 }).send('echo', status)).toBe(status);

    expect(asked).toBe(3);
  });
});
