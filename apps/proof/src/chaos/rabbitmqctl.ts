import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Broker } from '@swarm/conformance/brokers';

/** Run the command line tool of a RabbitMQ, whose environment says which one is meant. */
export async function rabbitmqctl({ pid }: Broker, ...args: readonly string[]): Promise<void> {
  const pairs = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
  const env = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)));
  // The tool may be a script that looks for the cookie elsewhere.
  const cookie = await readFile(join(env['HOME'] ?? '', '.erlang.cookie'), 'utf8');
  const options = ['--erlang-cookie', cookie, '--quiet'];
  await promisify(execFile)('rabbitmqctl', [...options, ...args], {
    env: { ...env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
}
