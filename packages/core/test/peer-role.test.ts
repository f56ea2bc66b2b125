import { expect, it } from 'vitest';
import { createServer } from '../src/index.ts';
import { PairedSocket } from './pair.ts';

it('does not let a client open the conversation that the server has to open', async () => {
  const server = await createServer();
  const [, end] = PairedSocket.pair();
  const creating = server.createNode(end);

  end.arrive('{"type":"init"}');
  end.arrive('{"type":"request","correlationId":"1","name":"late","args":[]}');
  const node = await creating;
  node.client.on('late', () => 'in time');
  await new Promise<void>((resolve) => {
    const { send } = end;
    end.send = (message) => {
      send.call(end, message);
      if (end.sent.length === 2) resolve();
    };
  });

  expect(end.sent.map((message) => JSON.parse(String(message)))).toEqual([
    { type: 'init', node: node.id },
    { type: 'response', correlationId: '1', result: 'in time' },
  ]);
  await server.close();
});
