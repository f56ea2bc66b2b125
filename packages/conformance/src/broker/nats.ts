import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST } from './port.ts';
import type { Part, Recipe } from './recipe.ts';

/** NATS; JetStream, if the test's lines ask for it, stores in the broker's own folder. */
export const NATS: Recipe = {
  portCount: 1,
  startMsMax: 20_000,
  schemes: ['nats', 'tls'],
  prepare: async ({ program, folder, ports, config, tls }): Promise<readonly [Part]> => {
    const [port = 0] = ports;
    const path = join(folder, 'nats.conf');
    await writeFile(path, [...config, ''].join('\n'));
    const secure = tls && ['--tls', '--tlscert', tls.certPath, '--tlskey', tls.keyPath];
    const args = [
      ...['--addr', HOST, '--port', `${port}`, '--config', path],
      ...['--store_dir', join(folder, 'store'), ...(secure ?? [])],
    ];
    return [
      {
        command: { program, args },
        port,
        // It speaks first, and in plain even where TLS is to follow.
        question: {
          isSecure: false,
          bytes: new Uint8Array(),
          isAnswer: (bytes) => bytes.toString('latin1').startsWith('INFO '),
        },
      },
    ];
  },
};
