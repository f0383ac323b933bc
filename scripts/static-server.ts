/**
 * A small server for the built site, used by `npm start`, the browser tests and the benchmarks. It serves files of one folder, on the
 * loopback addresses only, and nothing outside that folder.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve, sep } from 'node:path';

const CONTENT_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml; charset=utf-8',
};

export interface StaticServerOptions {
  /** The folder to serve. */
  root: string;
  /** 0 takes any free port. */
  port?: number;
  /** The path below which the site was built, e.g. `/course/`. */
  base?: string;
  /** Called with the path of each file that is sent, whoever asked for it: the page or one of its workers. */
  onFile?: (path: string) => void;
}

export interface StaticServer {
  /** Address of the site with its base path, with a slash at the end. */
  url: string;
  close(): Promise<void>;
}

interface Site {
  root: string;
  base: string;
  onFile: ((path: string) => void) | undefined;
}

/** A file to send, or where to go instead. */
type Found = { kind: 'file'; path: string; bytes: number; status: 200 | 404 } | { kind: 'redirect'; to: string } | { kind: 'nothing' };

/** What the file system says of a path, or undefined where it says nothing. */
async function statOrUndefined(path: string) {
  return stat(path).catch(() => undefined);
}

/**
 * The path inside the site that a request means, or undefined for one that means none: bad escapes, a NUL, another base path.
 * The result starts with a slash.
 */
function pathInSite(requestUrl: string, base: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(requestUrl.split(/[?#]/, 1)[0] ?? '/');
  } catch {
    return undefined;
  }
  if (path.includes('\0') || !`${path}/`.startsWith(base)) return undefined;
  return `/${path.slice(base.length)}`;
}

/** Finds the file of a request: a folder means its `index.html`, what is missing means `404.html`. */
async function find(root: string, requestUrl: string, base: string): Promise<Found> {
  const notFound = async (): Promise<Found> => {
    const path = join(root, '404.html');
    const found = await statOrUndefined(path);
    return found?.isFile() ? { kind: 'file', path, bytes: found.size, status: 404 } : { kind: 'nothing' };
  };
  if (base !== '/' && requestUrl === '/') return { kind: 'redirect', to: base };
  const inside = pathInSite(requestUrl, base);
  if (inside === undefined) return notFound();
  const path = resolve(root, `.${inside}`);
  if (path !== root && !path.startsWith(root + sep)) return notFound();
  const found = await statOrUndefined(path);
  if (found?.isDirectory()) {
    if (!inside.endsWith('/')) return { kind: 'redirect', to: encodeURI(`${base}${inside.slice(1)}/`) };
    const index = await statOrUndefined(join(path, 'index.html'));
    return index?.isFile() ? { kind: 'file', path: join(path, 'index.html'), bytes: index.size, status: 200 } : notFound();
  }
  return found?.isFile() && !inside.endsWith('/') ? { kind: 'file', path, bytes: found.size, status: 200 } : notFound();
}

/** Answers one request. Names under `_astro/` carry a hash of what they hold, so that a browser may keep them. */
async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const found = await find(site.root, request.url ?? '/', site.base);
  if (found.kind === 'nothing') {
    response.writeHead(404, { 'content-type': CONTENT_TYPES['.txt'] }).end('Not found.\n');
    return;
  }
  if (found.kind === 'redirect') {
    response.writeHead(301, { location: found.to }).end();
    return;
  }
  response.writeHead(found.status, {
    'content-type': CONTENT_TYPES[extname(found.path).toLowerCase()] ?? 'application/octet-stream',
    'content-length': found.bytes,
    'cache-control': found.path.includes(`${sep}_astro${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  site.onFile?.(found.path);
  createReadStream(found.path)
    .on('error', () => response.destroy())
    .pipe(response);
}

/** Starts listening on one address; rejects with the system's error, e.g. `EADDRINUSE`. */
function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((fulfil, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      fulfil();
    });
  });
}

/**
 * Serves `root` on 127.0.0.1 and, where the machine has it, on ::1 (browsers take `localhost` for either).
 * @throws the system's error with `code: 'EADDRINUSE'` where the port is taken
 */
export async function startStaticServer(options: StaticServerOptions): Promise<StaticServer> {
  const { port = 0 } = options;
  const root = resolve(options.root);
  const base = `/${options.base ?? ''}/`.replace(/\/+/g, '/');
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    answer({ root, base, onFile: options.onFile }, request, response).catch(() => response.destroy());
  };
  const servers = [createServer(handle)];
  await listen(servers[0]!, port, '127.0.0.1');
  const actualPort = (servers[0]!.address() as AddressInfo).port;
  const second = createServer(handle);
  try {
    await listen(second, actualPort, '::1');
    servers.push(second);
  } catch (error) {
    // No IPv6 here is no loss; another program on the same port would be.
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      servers[0]!.close();
      throw error;
    }
  }
  return {
    url: `http://localhost:${actualPort}${base}`,
    close: async () => {
      await Promise.all(
        servers.map((server) => {
          server.closeAllConnections();
          return new Promise<void>((fulfil) => server.close(() => fulfil()));
        }),
      );
    },
  };
}
