import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface Certificates {
  /** Certificate of the authority that has signed the others. */
  readonly authority: string;
  /** For `localhost` and 127.0.0.1. */
  readonly server: Identity;
  /** For a client named `ann`. */
  readonly client: Identity;
}

export const hasOpenssl: boolean = spawnSync('openssl', ['version']).status === 0;

/** Certificates made for one test file, by the `openssl` command. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'swarm-tcp-'));
  try {
    const authority = sign(folder, 'authority', 'CN=authority', ['-x509']);
    const by = ['-CA', join(folder, 'authority.cert'), '-CAkey', join(folder, 'authority.key')];
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const server = sign(folder, 'server', 'CN=localhost', ['-x509', ...by, ...names]);
    const client = sign(folder, 'client', 'CN=ann', ['-x509', ...by]);
    return { authority: authority.cert, server, client };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sign(folder: string, name: string, subject: string, options: string[]): Identity {
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.cert`)];
  const made = spawnSync('openssl', [
    ...['req', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '2'],
    ...['-keyout', keyFile, '-out', certFile, '-subj', `/${subject}`, ...options],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
}
