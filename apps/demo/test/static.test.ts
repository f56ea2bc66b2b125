import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder } from '../src/static.ts';

let folder: string;
let http: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarm-page-'));
  await mkdir(join(folder, 'page/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'page/index.html'), '<p>page</p>');
  await writeFile(join(folder, 'page/icon.svg'), '<svg/>');
  await writeFile(join(folder, 'page/assets/main-1.js'), 'export {}');
  await writeFile(join(folder, 'page/assets/main-1.css'), 'p {}');
  await symlink(join(folder, 'secret.txt'), join(folder, 'page/link.txt'));
  http = createServer(await serveFolder(join(folder, 'page'), { '/config.json': '{}' }));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  await rm(folder, { recursive: true });
});

/** As it is: `fetch` would tidy the path up before it is sent. */
function ask(path: string, method = 'GET') {
  const { port } = http.address() as AddressInfo;
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, method }, async (response) => {
        const chunks = await response.toArray();
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() });
      });
      asked.on('error', reject);
      asked.end();
    },
  );
}

describe('the page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<p>page</p>'],
    ['/index.html', 'text/html; charset=utf-8', '<p>page</p>'],
    ['/?name=ada', 'text/html; charset=utf-8', '<p>page</p>'],
    ['/icon.svg', 'image/svg+xml', '<svg/>'],
    ['/config.json', 'application/json', '{}'],
    ['/assets/main-1.js', 'text/javascript; charset=utf-8', 'export {}'],
    ['/assets/main-1.css', 'text/css; charset=utf-8', 'p {}'],
  ])('serves %s with its type', async (path, type, body) => {
    const answer = await ask(path);

    expect(answer).toMatchObject({ status: 200, body, headers: { 'content-type': type } });
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('lets nothing be loaded from elsewhere', async () => {
    const { headers } = await ask('/');

    expect(headers['content-security-policy']).toContain("default-src 'self'");
  });

  it('is asked for again, and what is named by its content is not', async () => {
    const page = await ask('/');
    const asset = await ask('/assets/main-1.js');

    expect(page.headers['cache-control']).toBe('no-cache');
    expect(asset.headers['cache-control']).toContain('immutable');
  });

  it('answers HEAD like GET, without the body', async () => {
    const answer = await ask('/', 'HEAD');

    expect(answer).toMatchObject({ status: 200, body: '', headers: { 'content-length': '11' } });
  });

  it.each([
    '/absent.html',
    '/assets',
    '/assets/',
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..\\secret.txt',
    '//secret.txt',
    '/link.txt',
    '/__proto__',
    '/index.html%00',
  ])('has no %s', async (path) => {
    const answer = await ask(path);

    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret');
  });

  it('takes nothing in', async () => {
    const answer = await ask('/', 'POST');

    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('says how to build what is not there', async () => {
    const listener = await serveFolder(join(folder, 'absent'));
    const unbuilt = createServer(listener);
    await new Promise<void>((resolve) => unbuilt.listen(0, '127.0.0.1', resolve));
    const { port } = unbuilt.address() as AddressInfo;

    const answer = await fetch(`http://127.0.0.1:${port}/`);

    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('pnpm demo');
    unbuilt.closeAllConnections();
    await new Promise((resolve) => unbuilt.close(resolve));
  });
});
