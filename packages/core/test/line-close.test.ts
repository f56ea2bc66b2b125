import { describe, expect, it } from 'vitest';
import { Dialer } from './dialer.ts';
import { ending } from './world.ts';

describe('a line that is closed', () => {
  it('stays closed when it is closed while it waits to dial', async () => {
    const dialer = new Dialer();
    dialer.open();
    dialer.socket.close(1006, '');

    dialer.client.close();
    await dialer.runtime.advance(60_000);

    expect(dialer.sockets).toHaveLength(1);
    expect(dialer.runtime.timers).toBe(0);
  });

  it('stays closed when it is closed by whoever is told of the loss', async () => {
    for (const event of ['close', 'reconnecting'] as const) {
      const dialer = new Dialer();
      dialer.client.events.on(event, () => dialer.client.close());
      dialer.open();

      dialer.socket.close(1006, '');
      await dialer.runtime.advance(60_000);

      expect(dialer.sockets).toHaveLength(1);
      expect(dialer.runtime.timers).toBe(0);
      expect(await ending(dialer.client.send('x'))).toBe('closed/no');
    }
  });

  it('stays closed when a handler closes it because it is aborted', async () => {
    const dialer = new Dialer();
    dialer.client.on('wait', (ctx) => {
      ctx.signal.addEventListener('abort', () => dialer.client.close());
      return new Promise(() => {});
    });
    dialer.open();
    dialer.receive({ type: 'request', correlationId: 1, name: 'wait' });

    dialer.socket.close(1006, '');
    await dialer.runtime.advance(60_000);

    expect(dialer.sockets).toHaveLength(1);
    expect(dialer.runtime.timers).toBe(0);
  });

  it('stays closed when it is closed by whoever decides whether to come back', async () => {
    const dialer: Dialer = new Dialer({
      reconnect: () => {
        dialer.client.close();
        return true;
      },
    });
    dialer.open();

    dialer.socket.close(1006, '');
    await dialer.runtime.advance(60_000);

    expect(dialer.sockets).toHaveLength(1);
    expect(dialer.runtime.timers).toBe(0);
  });

  it('leaves no socket open when it is closed within the dialing', async () => {
    const dialer = new Dialer();
    dialer.open();
    dialer.onDial = () => dialer.client.close();
    dialer.socket.close(1006, '');

    await dialer.redialed();
    await dialer.runtime.advance(60_000);

    expect(dialer.socket.closedWith).not.toBeNull();
    expect([dialer.sockets.length, dialer.runtime.timers]).toEqual([2, 0]);
  });
});
