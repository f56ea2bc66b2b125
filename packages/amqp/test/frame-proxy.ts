import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { shared, stopAfter } from './fixture.ts';

/** A frame that the server sends: the `number`th of the `connection`th connection, from 0. */
export interface Seen {
  readonly connection: number;
  readonly number: number;
}

/** Bytes that follow it in the same write; or it comes, and nothing behind it. */
export type Fate = Uint8Array | 'pass' | 'stall' | 'reset' | 'end';

export interface FrameProxy {
  readonly url: string;
  /** Those of clients, first to last, as the server sees them. */
  readonly clients: readonly Socket[];
  /** Resolves when none is open any more. */
  isLeft(): Promise<void>;
}

/** The shared RabbitMQ, behind something that knows one frame from another. */
export async function startFrameProxy(fateOf: (seen: Seen) => Fate): Promise<FrameProxy> {
  const clients: Socket[] = [];
  const closings: Promise<unknown>[] = [];
  let connections = 0;
  const server = createServer((client) => {
    const connection = connections;
    connections += 1;
    clients.push(client);
    closings.push(new Promise((resolve) => client.once('close', resolve)));
    const broker = connect(shared.port, '127.0.0.1');
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
    client.pipe(broker);
    let number = -1;
    forEachFrame(broker, (frame) => {
      number += 1;
      const fate = fateOf({ connection, number });
      client.write(typeof fate === 'string' ? frame : Buffer.concat([frame, fate]));
      if (typeof fate !== 'string' || fate === 'pass') return true;
      if (fate === 'reset') client.resetAndDestroy();
      if (fate === 'end') client.end();
      return false;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stopAfter(() => {
    for (const client of clients) client.destroy();
    server.close();
  });
  return {
    url: `amqp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clients,
    isLeft: async () => {
      await Promise.all(closings);
    },
  };
}

/** AMQP 0-9-1 §4.2.3: a type, a channel, a size of 4 bytes, so many bytes, and an end. */
function forEachFrame(socket: Socket, take: (frame: Buffer) => boolean): void {
  let rest = Buffer.alloc(0);
  let isOver = false;
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (!isOver && rest.length >= 7 && rest.length >= rest.readUInt32BE(3) + 8) {
      const end = rest.readUInt32BE(3) + 8;
      isOver = !take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
}

/** A frame with a method of the server's. */
export function methodFrame(channel: number, [classId, methodId]: MethodId, args = ''): Buffer {
  const payload = Buffer.from(`00000000${args}`, 'hex');
  payload.writeUInt16BE(classId, 0);
  payload.writeUInt16BE(methodId, 2);
  const head = Buffer.from([1, 0, channel, 0, 0, 0, payload.length]);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

type MethodId = readonly [classId: number, methodId: number];

/** A method with which the server ends a connection (10, 50) or a channel (20, 40). */
export function closeFrame(channel: number, id: MethodId, code: number, text: string): Buffer {
  const said = Buffer.from(text);
  const fields = Buffer.from([code >> 8, code & 255, said.length, ...said, 0, 0, 0, 0]);
  return methodFrame(channel, id, fields.toString('hex'));
}
