import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { socketPair } from './fixture.ts';

describe('a close', () => {
  it.each([1000, 1013, 4409])('tells the other end its code, %i', async (code) => {
    const { socket, far } = await socketPair();

    socket.close(code, 'because');

    const [heard, reason] = (await once(far, 'close')) as [number, Buffer];
    expect([heard, String(reason)]).toEqual([code, 'because']);
  });

  it.each([0, 999, 1005, 1006, 1015, 2000, 5000])(
    'is the end of the connection when no frame may carry its code, %i',
    async (code) => {
      const { socket, far } = await socketPair();

      socket.close(code, 'because');

      expect((await once(far, 'close'))[0]).toBe(1006);
    },
  );
});
