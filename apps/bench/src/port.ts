import { randomInt } from 'node:crypto';

/** From 32768 on the kernel hands ports to outgoing connections, which could take ours. */
const MIN = 10_240;
const MAX = 32_767;
const TRIES_MAX = 20;

/** Everything of the harness listens on this address and no other. */
export const HOST = '127.0.0.1';

/** Whatever `listen` makes of the first port it can have. */
export async function onFreePort<T>(listen: (port: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await listen(randomInt(MIN, MAX + 1));
    } catch (error) {
      if (tries === TRIES_MAX || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE')
        throw error;
    }
  }
}
