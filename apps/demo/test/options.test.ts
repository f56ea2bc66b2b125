import { describe, expect, it } from 'vitest';
import { parseOptions } from '../src/options.ts';

const parse = (line: string, env = {}) => parseOptions(line.split(' ').filter(Boolean), env);

describe('the options', () => {
  it('are a demo in memory, in one process, unless they say otherwise', () => {
    expect(parse('')).toEqual({
      isCheck: false,
      port: 8080,
      host: undefined,
      carrier: { kind: 'url', url: 'memory:demo' },
      processes: null,
    });
  });

  it('name the servers by the number of processes', () => {
    const { isCheck, carrier, processes } = parse('--check --processes 3 --broker nats');

    expect(isCheck).toBe(true);
    expect(carrier).toEqual({ kind: 'own', broker: 'nats' });
    expect(processes).toEqual(['a', 'b', 'c']);
  });

  it('take a broker that runs from the environment, and prefer one of their own', () => {
    const env = { SWARM_URL: 'redis://broker' };

    expect(parse('--processes 2', env).carrier).toEqual({ kind: 'url', url: 'redis://broker' });
    expect(parse('--broker nats', env).carrier).toEqual({ kind: 'own', broker: 'nats' });
    expect(parse('--broker amqp').carrier).toEqual({ kind: 'own', broker: 'rabbitmq' });
    expect(parse('', { SWARM_URL: '' }).carrier).toEqual({ kind: 'url', url: 'memory:demo' });
  });

  it('take a port from the environment, and prefer their own', () => {
    expect(parse('', { PORT: '9000' }).port).toBe(9_000);
    expect(parse('--port 0', { PORT: '9000' }).port).toBe(0);
  });

  it.each(['', 'memory:', 'memory:demo'])('need a broker for processes, not "%s"', (url) => {
    const start = () => parse('--processes 3', { SWARM_URL: url });

    expect(start).toThrow(/--broker redis, nats or amqp.*redis:\/\/.*nats:\/\/.*amqp:\/\//);
  });

  it.each([
    ['--processes 1 --broker redis', /from 2 to 8/],
    ['--processes 9 --broker redis', /from 2 to 8/],
    ['--processes two --broker redis', /from 2 to 8/],
    ['--processes 0x3 --broker redis', /from 2 to 8/],
    ['--broker kafka', /redis or nats or amqp/],
    ['--port 70000', /from 0 to 65535/],
    ['--port 80a', /from 0 to 65535/],
    ['--prot 80', /--prot/],
  ])('refuse %s, and say why', (line, reason) => {
    expect(() => parse(line)).toThrow(reason);
  });
});
