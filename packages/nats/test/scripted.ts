import { randomInt } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a server says first. */
export const INFO: { readonly [name: string]: unknown } = {
  server_id: 'TEST',
  version: '2.9.10',
  go: 'go1.19',
  host: '127.0.0.1',
  port: 4222,
  headers: true,
  max_payload: 1_048_576,
  proto: 1,
  client_id: 1,
};

/**
 * Speaks the protocol of NATS as far as a link has to hear it: it confirms whatever it is asked,
 * and says what the test wants it to. It ends with the test.
 */
export class Scripted {
  readonly port: number;
  /** What clients sent; a payload is a line too. */
  readonly lines: string[] = [];
  /** What to say to a line, before it is confirmed. */
  onLine: (line: string) => string = () => '';
  /** Whether it says that it has handled what came before. */
  confirms = true;
  readonly #server: Server;
  readonly #info: object | null;
  readonly #sockets: Set<Socket> = new Set();
  readonly #news: EventEmitter = new EventEmitter();

  /** One without `info` accepts connections and is silent. */
  static async start(info: object | null = INFO): Promise<Scripted> {
    const server = createServer({ noDelay: true });
    const port = await listen(server);
    const scripted = new Scripted(server, port, info);
    onTestFinished(() => scripted.stop());
    return scripted;
  }

  private constructor(server: Server, port: number, info: object | null) {
    this.port = port;
    this.#server = server;
    this.#info = info;
    server.on('connection', (socket) => this.#accept(socket));
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  say(...pieces: readonly (string | Uint8Array)[]): void {
    for (const socket of this.#sockets) for (const piece of pieces) socket.write(piece);
  }

  /** Ends all connections, after what was said. */
  end(): void {
    for (const socket of this.#sockets) socket.end();
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Resolves with the first line that begins so. */
  async hears(start: string): Promise<string> {
    await this.#until(() => this.lines.some((line) => line.startsWith(start)));
    return this.lines.find((line) => line.startsWith(start)) ?? '';
  }

  /** Resolves once it has heard so many of these lines. */
  async hasHeard(wanted: string, count: number): Promise<void> {
    await this.#until(() => this.lines.filter((line) => line === wanted).length >= count);
  }

  /** Resolves once so many clients are connected. */
  async has(connections: number): Promise<void> {
    await this.#until(() => this.#sockets.size === connections);
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await once(this.#news, 'news');
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#news.emit('news');
    });
    if (this.#info !== null) socket.write(`INFO ${JSON.stringify(this.#info)}\r\n`);
    let rest = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#hear(socket, line);
    });
    this.#news.emit('news');
  }

  #hear(socket: Socket, line: string): void {
    this.lines.push(line);
    socket.write(this.onLine(line) + (line === 'PING' && this.confirms ? 'PONG\r\n' : ''));
    this.#news.emit('news');
  }
}

/** From 32768 on the kernel hands ports to outgoing connections. */
async function listen(server: Server): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 32_768);
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    const isListening = await new Promise<boolean>((resolve) => {
      server.once('listening', () => resolve(true)).once('error', () => resolve(false));
    });
    server.removeAllListeners('listening').removeAllListeners('error');
    if (isListening) return port;
  }
}
