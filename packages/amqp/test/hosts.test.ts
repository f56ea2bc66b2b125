import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { proxyTo, requireBroker } from '@swarm/conformance/brokers';
import { describe, expect, it, vi } from 'vitest';
import { amqp } from '../src/index.ts';
import { failure, Host, open, printed, refusal, shared, stopAfter } from './fixture.ts';
import { startFrameProxy } from './frame-proxy.ts';

/** So many links that none of a few servers is left out, but for one run in a hundred thousand. */
const LINKS = 36;

const urlOf = (...ports: readonly number[]) =>
  `amqp://${ports.map((port) => `127.0.0.1:${port}`).join()}`;

describe.runIf(requireBroker('rabbitmq'))('of several servers, a link', () => {
  it('is at one, with both of its connections, and links are at all of them', async () => {
    const proxies = await Promise.all([1, 2, 3].map(() => proxyTo(shared.port)));
    for (const proxy of proxies) stopAfter(() => proxy.close());
    const swarm = amqp(urlOf(...proxies.map(({ port }) => port)));
    const counts = () => proxies.map(({ connections }) => connections);

    for (let links = 0; links < LINKS; links += 1) {
      const before = counts();
      await open(swarm);
      const more = counts().map((count, i) => count - (before[i] ?? 0));
      expect(more.toSorted()).toEqual([0, 0, 2]);
    }

    expect(counts()).not.toContain(0);
  });

  it('is made at once although the others refuse it', async () => {
    freezeTimers();
    const swarm = amqp(urlOf(1, shared.port, 2));

    for (let times = 0; times < 8; times += 1) {
      const { host, link } = await open(swarm);
      link.publish(host.inbox, Buffer.from('x'), 0);
      await host.hears(1);
    }
  });

  it('is made at once although another speaks another language', async () => {
    freezeTimers();
    const other = await startServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const swarm = amqp(urlOf(other.port, shared.port));

    while (other.clients.length < 3) await open(swarm);

    await other.isLeft();
  });

  it('is made in time although the others say nothing, of whom it leaves nothing', async () => {
    freezeTimers();
    // A third of the time when both connections of a link are there.
    const wait = (_client: Socket, number: number) => {
      if (number % 2 === 0) vi.advanceTimersByTime(1_000);
    };
    const silent = await Promise.all([startServer(wait), startServer(wait)]);
    const swarm = amqp(urlOf(...silent.map(({ port }) => port), shared.port));

    while (silent.some(({ clients }) => clients.length === 0)) await open(swarm);

    for (const server of silent) await server.isLeft();
  });

  it('has all the time where it was answered', async () => {
    freezeTimers();
    let stall = () => {};
    // What follows once both connections are open.
    const slow = await startFrameProxy(({ number }) => {
      if (number < 3) return 'pass';
      stall();
      return 'stall';
    });
    const quick = await startFrameProxy(() => 'pass');
    const swarm = amqp(`${slow.url},${quick.url.slice('amqp://'.length)}`);

    const { connecting } = await new Promise<{ connecting: Promise<unknown> }>((resolve) => {
      const tryAgain = async (): Promise<void> => {
        const attempt = swarm.connect(new Host());
        stall = () => resolve({ connecting: attempt });
        await (await attempt).close();
        await tryAgain();
      };
      tryAgain().catch(() => {});
    });
    const used = quick.clients.length;
    await vi.advanceTimersByTimeAsync(2_999);
    expect(slow.clients.filter(({ closed }) => !closed)).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);

    expect((await failure(connecting)).message).toContain(': no answer within 3000 ms');
    await slow.isLeft();
    expect(quick.clients).toHaveLength(used);
  });

  it('is given up in time when none of them says anything', async () => {
    freezeTimers();
    const silent = await Promise.all([1, 2, 3].map(() => startServer(() => {})));
    const settled = vi.fn();

    const connecting = amqp(urlOf(...silent.map(({ port }) => port))).connect(new Host());
    connecting.catch(settled);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);

    expect((await failure(connecting)).message).toContain(': no answer within 1000 ms');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('when all of several servers refuse a link', () => {
  it('the error names them and the last reason, and no login', async () => {
    const error = await refusal('amqp://jane:s3cret@127.0.0.1:1,localhost:2,[::1]:3/arena');

    expect(error).toMatchObject({ subtype: 'closed' });
    expect(error.message).toMatch(
      /^amqp:\/\/127\.0\.0\.1:1,localhost:2,\[::1\]:3\/arena: .*(ECONNREFUSED|EADDRNOTAVAIL)/,
    );
    expect(printed(error)).not.toMatch(/jane|s3cret/);
  });

  it('addresses of IPv6 are dialed without their brackets', async () => {
    const error = await refusal('amqp://[::1]:1,[::1]:2');

    expect(error.message).toMatch(/: connect \w+ ::1:[12]/);
  });
});

function freezeTimers(): void {
  const toFake = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'];
  vi.useFakeTimers({ toFake: toFake as never });
  stopAfter(() => vi.useRealTimers());
}

/** Something that is not RabbitMQ. */
async function startServer(serve: (client: Socket, number: number) => void) {
  const clients: Socket[] = [];
  const server = createServer((socket) => {
    clients.push(socket);
    socket.on('error', () => {}).resume();
    serve(socket, clients.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stopAfter(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    clients,
    isLeft: () => Promise.all(clients.map((client) => client.closed || once(client, 'close'))),
  };
}
