import type { SwarmName } from '../brokers.ts';

/** What people call the broker of a swarm. */
export const TITLES: Readonly<Record<SwarmName, string>> = {
  memory: 'memory',
  redis: 'Redis',
  nats: 'NATS',
  amqp: 'RabbitMQ',
  'redis-cluster': 'Redis Cluster',
  'nats-cluster': 'NATS cluster',
  'amqp-cluster': 'RabbitMQ cluster',
};

/** A number as people read it. */
export function grouped(count: number): string {
  return count.toLocaleString('en');
}

export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * The document with `text` between the two comments that are named so.
 *
 * @throws Error when it has no such place.
 */
export function replaceBetween(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no place for ${name}: it wants ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}
