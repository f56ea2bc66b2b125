import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Broker } from './broker.ts';

/** What the command line tool of a RabbitMQ, whose environment says which one, prints. */
export async function rabbitmqctl(
  { pid }: Pick<Broker, 'pid'>,
  ...args: readonly string[]
): Promise<string> {
  const pairs = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
  const env = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)));
  // The tool may be a script that looks for the cookie elsewhere.
  const cookie = await readFile(join(env['HOME'] ?? '', '.erlang.cookie'), 'utf8');
  const options = ['--erlang-cookie', cookie, '--quiet'];
  const { stdout } = await promisify(execFile)('rabbitmqctl', [...options, ...args], {
    env: { ...env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  return stdout;
}
