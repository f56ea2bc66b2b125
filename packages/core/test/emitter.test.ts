import { describe, expect, it } from 'vitest';
import { Emitter } from '../src/emitter.ts';
import { unhandledDuring } from './unhandled.ts';

interface Events {
  moved: readonly [x: number, y: number];
  gone: readonly [];
}

describe('Emitter', () => {
  it('tells listeners in the order they came, with all arguments', () => {
    const emitter = new Emitter<Events>();
    const log: unknown[] = [];
    emitter.on('moved', (x, y) => log.push(['first', x, y]));
    emitter.on('gone', () => log.push('gone'));
    emitter.on('moved', (x) => log.push(['second', x]));

    emitter.emit('moved', 1, 2);

    expect(log).toEqual([
      ['first', 1, 2],
      ['second', 1],
    ]);
  });

  it('tells nobody when nobody listens', () => {
    expect(() => new Emitter<Events>().emit('gone')).not.toThrow();
  });

  it('removes one use of a listener at a time, each only once', () => {
    const emitter = new Emitter<Events>();
    let count = 0;
    const listener = () => (count += 1);
    const removeFirst = emitter.on('gone', listener);
    emitter.on('gone', listener);

    removeFirst();
    removeFirst();
    emitter.emit('gone');

    expect(count).toBe(1);
  });

  it('tells those who listened when it began, although one of them leaves meanwhile', () => {
    const emitter = new Emitter<Events>();
    const log: string[] = [];
    emitter.on('gone', () => {
      log.push('first');
      removeSecond();
      emitter.on('gone', () => log.push('late'));
    });
    const removeSecond = emitter.on('gone', () => log.push('second'));

    emitter.emit('gone');
    expect(log).toEqual(['first', 'second']);
  });

  it('tells the others although one throws, and the platform of the error', async () => {
    const emitter = new Emitter<Events>();
    const log: string[] = [];
    const error = new Error('mine');
    emitter.on('gone', () => {
      throw error;
    });
    emitter.on('gone', () => log.push('told'));

    const unhandled = await unhandledDuring(async () => emitter.emit('gone'));

    expect(log).toEqual(['told']);
    expect(unhandled).toEqual([error]);
  });
});
