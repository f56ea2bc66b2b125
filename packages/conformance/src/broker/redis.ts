import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST } from './port.ts';
import type { Part, Recipe, Site } from './recipe.ts';

/** Redis in memory only. The lines of the test come last in its file, and so win. */
export const REDIS: Recipe = {
  portCount: 1,
  startMsMax: 20_000,
  schemes: ['redis', 'rediss'],
  prepare: async (site): Promise<readonly [Part]> => {
    const [port = 0] = site.ports;
    const path = join(site.folder, 'redis.conf');
    await writeFile(path, [...lines(site, port), ...site.config, ''].join('\n'));
    return [
      {
        command: { program: site.program, args: [path] },
        port,
        question: {
          isSecure: site.tls !== null,
          bytes: Buffer.from('PING\r\n'),
          // A server that asks for a password has started too.
          isAnswer: (bytes) => /^(\+PONG|-NOAUTH)/.test(bytes.toString('latin1')),
        },
      },
    ];
  },
};

function lines({ folder, tls }: Site, port: number): string[] {
  const ports =
    tls === null
      ? [`port ${port}`]
      : [
          ...['port 0', `tls-port ${port}`, 'tls-auth-clients no'],
          ...[`tls-cert-file "${tls.certPath}"`, `tls-key-file "${tls.keyPath}"`],
        ];
  return [
    ...[`bind ${HOST}`, ...ports, `dir "${folder}"`],
    ...['daemonize no', 'save ""', 'appendonly no'],
  ];
}
