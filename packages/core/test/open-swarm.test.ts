import { describe, expect, it } from 'vitest';
import { memory, openSwarm, redactUrl, type SwarmFactory } from '../src/index.ts';

const carrier: SwarmFactory = Object.assign(
  (url: string) => ({ ...memory(), name: `carrier ${url}` }),
  { schemes: ['pigeon:', 'pigeons:'] },
);

describe('openSwarm', () => {
  it('lets the scheme pick, whoever wrote the adapter', () => {
    expect(openSwarm('pigeons://roof', [carrier]).name).toBe('carrier pigeons://roof');
    expect(openSwarm('PIGEON://roof', [carrier]).name).toBe('carrier PIGEON://roof');
    expect(openSwarm('memory:', [carrier]).name).toBe('memory');
    expect(openSwarm('memory:shared').name).toBe('memory');
  });

  it('names the known schemes and the install line for an unknown one', () => {
    const open = () => openSwarm('redis://user:secret@host', [carrier]);

    expect(open).toThrow(TypeError);
    expect(open).toThrow(/pigeon: pigeons: memory:/);
    expect(open).toThrow(/npm install @swarm\/redis/);
    expect(open).not.toThrow(/secret/);
    expect(() => openSwarm('x-own://host')).toThrow(/pass the factory/);
    expect(() => openSwarm('constructor:')).toThrow(/pass the factory/);
  });

  it('refuses what is no URL, without repeating a secret', () => {
    expect(() => openSwarm('user:secret@host/path with no scheme?x')).toThrow(TypeError);
    expect(() => openSwarm('')).toThrow(/not a URL/);
    expect(() => openSwarm('//user:secret@host')).not.toThrow(/secret/);
  });
});

describe('redactUrl', () => {
  it.each([
    ['redis://user:p%40ss@host:6379/0?x=secret#y', 'redis://host:6379/0'],
    ['nats://token@host:4222', 'nats://host:4222'],
    ['redis://user:p@ss@host', 'redis://host'],
    ['redis://user:p?w#d@host/?x=y', 'redis://host/'],
    ['redis://host/?mail=a@b', 'redis://b'],
    ['memory:name', 'memory:name'],
    ['//user:secret@host', '//user:secret@host'.slice(14)],
    ['host:6379', 'host:6379'],
  ])('%s is shown as %s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});
