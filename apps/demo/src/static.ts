import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.json', 'application/json'],
]);

/** Nothing from elsewhere, by word of the browser; isolated pages get exact clocks. */
const HEADERS = {
  'content-security-policy': "default-src 'self'; connect-src 'self' ws: wss:",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  /** Named by its content, so that it never changes. */
  readonly isHashed: boolean;
}

/**
 * Serves the files that `folder` has now, `texts` by their paths, and nothing else: files are read
 * once and looked up by their exact path, so no request can name one outside. An absent folder is
 * an empty one.
 */
export async function serveFolder(
  folder: string,
  texts: Readonly<Record<string, string>> = {},
): Promise<RequestListener> {
  const assets = await readAssets(folder);
  for (const [path, text] of Object.entries(texts)) {
    assets.set(path, { bytes: Buffer.from(text), type: typeOf(path), isHashed: false });
  }
  return (request, response) => answer(request, response, assets);
}

async function readAssets(folder: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    // Neither folders nor links, which might lead elsewhere.
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const isHashed = path.startsWith('/assets/');
    const asset = { bytes: await readFile(file), type: typeOf(path), isHashed };
    assets.set(path, asset);
    if (path === '/index.html') assets.set('/', asset);
  }
  return assets;
}

function typeOf(path: string): string {
  return TYPES.get(extname(path)) ?? 'application/octet-stream';
}

function answer(
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
  assets: ReadonlyMap<string, Asset>,
): void {
  if (method !== 'GET' && method !== 'HEAD') {
    return refuse(response, 405, 'Only GET and HEAD are answered here.\n', { allow: 'GET, HEAD' });
  }
  const asset = assets.get(url.split('?', 1)[0] ?? '/');
  if (asset === undefined) {
    const isUnbuilt = !assets.has('/');
    return refuse(
      response,
      404,
      isUnbuilt ? 'The page is not built: run `pnpm demo`.\n' : 'There is no such file.\n',
    );
  }
  response.writeHead(200, {
    ...HEADERS,
    'content-type': asset.type,
    'content-length': asset.bytes.length,
    'cache-control': asset.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  // Node leaves the body out of an answer to HEAD.
  response.end(asset.bytes);
}

function refuse(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain', ...headers });
  response.end(text);
}
