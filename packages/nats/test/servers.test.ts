import { requireBroker } from '@swarm/conformance/brokers';
import { createServer, type Server, type Socket } from '@swarm/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nats } from '../src/index.ts';
import { start } from './fixture.ts';

/** A client that never says anything. */
const SILENT: Socket = { bufferedBytes: 0, attach() {}, send() {}, close() {} };

async function serve(url: string): Promise<Server> {
  const server = await createServer({ swarm: nats(url) });
  onTestFinished(() => server.close());
  return server;
}

function event(server: Server, name: 'linked' | 'unlinked'): Promise<void> {
  return new Promise((resolve) => {
    const off = server.events.on(name, () => {
      off();
      resolve();
    });
  });
}

describe.runIf(requireBroker('nats'))('two servers on NATS', () => {
  it('reach each other’s nodes by any id, and again after the broker was killed', async () => {
    const broker = await start();
    const [asking, answering] = [await serve(broker.url), await serve(broker.url)];
    answering.on('echo', (_ctx, value) => value);
    const chosen = await answering.createNode(SILENT, { id: 'chosen: ünïcode.*>' });
    const generated = await answering.createNode(SILENT);
    const ask = () =>
      Promise.all(
        [chosen, generated].map(({ id }) => asking.send(id, 'echo', 'x'.repeat(300_000))),
      );

    const answers = await ask();
    expect(answers.map((answer) => String(answer).length)).toEqual([300_000, 300_000]);
    await expect(asking.send('nobody', 'echo')).rejects.toMatchObject({
      subtype: 'unreachable',
      delivered: 'no',
    });

    const unlinked = [asking, answering].map((server) => event(server, 'unlinked'));
    await broker.kill();
    await Promise.all(unlinked);
    await expect(asking.send(chosen.id, 'echo')).rejects.toMatchObject({
      subtype: 'closed',
      delivered: 'no',
    });

    const linked = [asking, answering].map((server) => event(server, 'linked'));
    await broker.restart();
    await Promise.all(linked);
    await expect.poll(ask, { timeout: 10_000 }).toHaveLength(2);
  });
});
