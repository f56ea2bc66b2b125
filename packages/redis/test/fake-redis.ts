import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { stopAfter } from './fixture.ts';

/** What a fake does with a command; what it writes is up to it. */
export type Answer = (socket: Socket, args: readonly string[]) => void;

export interface FakeRedis {
  readonly port: number;
  readonly url: string;
  /** Connections as they are now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Every command so far, as one text each. */
  readonly commands: readonly string[];
}

/** First byte of a connection with TLS (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 22;

/** A server that answers as a Redis primary does, but for `answers`, by names of commands. */
export async function startFake(
  answers: Readonly<Record<string, Answer>> = {},
): Promise<FakeRedis> {
  const all: Readonly<Record<string, Answer>> = { ...ANSWERS, ...answers };
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      if (bytes[0] === TLS_HANDSHAKE) {
        commands.push('TLS');
        return socket.destroy();
      }
      for (const args of commandsIn(bytes)) {
        const [name = ''] = args;
        commands.push(args.join(' '));
        (all[name.toUpperCase()] ?? OK)(socket, args.slice(1));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stopAfter(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `redis://127.0.0.1:${port}`, sockets, commands };
}

/** For PUBLISH: the first one, of the opening, is answered as usual. */
export function afterOpening(answer: Answer): Answer {
  return (socket, args) => {
    if (args[0]?.endsWith('.nobody')) socket.write(':0\r\n');
    else answer(socket, args);
  };
}

/** An error reply. */
export function refuse(text: string): Answer {
  return (socket) => socket.write(`-${text}\r\n`);
}

export function hello(mode: string, role: string, version = '7.0.15'): Answer {
  const said = array('server', 'redis', 'version', version, 'mode', mode, 'role', role);
  return (socket) => socket.write(said);
}

/** Who has all slots of a Cluster; a host that is null is left out, and a port is its own. */
export interface Owner {
  readonly id: string;
  readonly host: string | null;
  readonly port?: number;
}

/** What a node of a Cluster answers. */
export function node(id: string, ownerOf: () => Owner): Readonly<Record<string, Answer>> {
  return {
    HELLO: hello('cluster', 'master'),
    SPUBLISH: ANSWERS['PUBLISH'] ?? OK,
    SSUBSCRIBE: subscribed('ssubscribe'),
    SUNSUBSCRIBE: subscribed('sunsubscribe'),
    CLUSTER: (socket, [question]) => {
      if (question === 'KEYSLOT') return socket.write(':8039\r\n');
      if (question === 'MYID') return socket.write(`$${id.length}\r\n${id}\r\n`);
      const owner = ownerOf();
      const host = owner.host === null ? '$-1\r\n' : `$${owner.host.length}\r\n${owner.host}\r\n`;
      const port = owner.port ?? socket.localPort;
      const place = `*3\r\n${host}:${port}\r\n$${owner.id.length}\r\n${owner.id}\r\n`;
      socket.write(`*1\r\n*3\r\n:0\r\n:16383\r\n${place}`);
    },
  };
}

export function array(...texts: readonly string[]): string {
  const items = texts.map((text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`);
  return `*${texts.length}\r\n${items.join('')}`;
}

const OK: Answer = (socket) => socket.write('+OK\r\n');

const ANSWERS: Readonly<Record<string, Answer>> = {
  HELLO: hello('standalone', 'master'),
  PUBLISH: (socket) => socket.write(':1\r\n'),
  SUBSCRIBE: subscribed('subscribe'),
};

function subscribed(name: string): Answer {
  return (socket, channels) => {
    for (const [i, channel] of channels.entries()) {
      const said = `${name}\r\n$${channel.length}\r\n${channel}\r\n:${i + 1}\r\n`;
      socket.write(`*3\r\n$${name.length}\r\n${said}`);
    }
  };
}

/** Commands of a chunk; of those in these tests, none comes in two. */
function* commandsIn(bytes: Buffer): Generator<readonly string[]> {
  const lines = bytes.toString('latin1').split('\r\n');
  for (let i = 0; i < lines.length - 1; ) {
    const count = Number(lines[i]?.slice(1));
    yield lines.slice(i + 1, i + 1 + count * 2).filter((_line, at) => at % 2 === 1);
    i += 1 + count * 2;
  }
}
