/**
 * A static server for the built site, under a base path as a university's web server would have it. For the browser tests only.
 * It sends the types that browsers insist on (scripts, WebAssembly) and answers everything unknown with the site's 404 page.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

export interface ServedSite {
  /** Address of the home page, ending in a slash. */
  url: string;
  close(): Promise<void>;
}

/** The file under `folder` that `path` asks for, or nothing. A folder stands for its index page. */
function fileFor(folder: string, path: string): string | undefined {
  const file = join(folder, normalize(decodeURIComponent(path)));
  if (!file.startsWith(folder) || !existsSync(file)) return undefined;
  return statSync(file).isDirectory() ? fileFor(folder, `${path.replace(/\/?$/, '/')}index.html`) : file;
}

/** Serves `folder` (absolute) under `base` on a free port of this machine. `base` begins and ends with a slash. */
export async function serveSite(folder: string, base = '/', port = 0): Promise<ServedSite> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const found = path.startsWith(base) ? fileFor(folder, path.slice(base.length - 1)) : undefined;
    const file = found ?? join(folder, '404.html');
    response.writeHead(found ? 200 : 404, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}${base}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
