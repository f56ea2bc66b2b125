import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Everything here listens on this address and no other. */
export const HOST = '127.0.0.1';

/** Both inclusive. */
type PortRange = readonly [min: number, max: number];

/** From 32768 on the kernel hands ports to outgoing connections, which could take ours. */
const RANGE: PortRange = [10_240, 32_767];
const TRIES_MAX = 100;

/** A TCP port that nobody listens on, and that is kept from whoever else reserves ports. */
export interface ReservedPort {
  readonly port: number;
  /** Idempotent. */
  release(): void;
}

/**
 * Reserves a TCP port by holding the UDP port of the same number. So the number stays ours while
 * nothing listens on it, as between the death of a broker and its restart, and the kernel ends the
 * reservation with the process, however that ends.
 */
export async function reservePort([min, max]: PortRange = RANGE): Promise<ReservedPort> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = randomInt(min, max + 1);
    const holder = await hold(port);
    if (holder === null) continue;
    if (await isFree(port)) return reserved(port, holder);
    holder.close();
  }
  throw new Error(`none of ${TRIES_MAX} ports is free`);
}

function reserved(port: number, holder: Socket): ReservedPort {
  let isReleased = false;
  return {
    port,
    release() {
      if (!isReleased) holder.close();
      isReleased = true;
    },
  };
}

async function hold(port: number): Promise<Socket | null> {
  const socket = createSocket('udp4');
  const isBound = await succeeds(socket, () => {
    socket.bind({ port, address: HOST, exclusive: true });
  });
  if (isBound) return socket.unref();
  socket.close();
  return null;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await succeeds(server, () => {
    server.listen({ port, host: HOST, exclusive: true });
  });
  if (!isListening) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Whether it comes to listen; any other obstacle than a port in use is thrown. */
async function succeeds(subject: Socket | Server, act: () => void): Promise<boolean> {
  const listening = once(subject, 'listening');
  act();
  try {
    await listening;
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
}
