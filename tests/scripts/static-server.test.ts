/** The server of `npm start` and of the browser tests: right files, right types, and nothing outside its folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStaticServer, type StaticServer } from '../../scripts/static-server.ts';

let folder: string;
let atRoot: StaticServer;
let atBase: StaticServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-server-'));
  const site = join(folder, 'site');
  mkdirSync(join(site, 'lab'), { recursive: true });
  mkdirSync(join(site, '_astro'));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'site-two.txt'), 'secret');
  writeFileSync(join(site, 'index.html'), 'home');
  writeFileSync(join(site, '404.html'), 'no such page');
  writeFileSync(join(site, 'lab', 'index.html'), 'lab');
  writeFileSync(join(site, '_astro', 'esbuild.wasm'), 'wasm');
  atRoot = await startStaticServer({ root: site });
  atBase = await startStaticServer({ root: `${site}/`, base: 'course' });
});

afterAll(async () => {
  await Promise.all([atRoot.close(), atBase.close()]);
  rmSync(folder, { recursive: true });
});

/** Asks for a path as it is: `fetch` would take the dots out of it. */
function get(
  server: StaticServer,
  path: string,
  method = 'GET',
): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    request({ hostname, port, path, method }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode!, body, headers: response.headers }));
    })
      .on('error', reject)
      .end();
  });
}

test('a folder means its index, with or without a query', async () => {
  expect(await get(atRoot, '/')).toMatchObject({ status: 200, body: 'home', headers: { 'content-type': 'text/html; charset=utf-8' } });
  expect(await get(atRoot, '/lab/?a=1')).toMatchObject({ status: 200, body: 'lab' });
  expect(await get(atRoot, '/lab')).toMatchObject({ status: 301, headers: { location: '/lab/' } });
});

test('WebAssembly has the type that streaming compilation asks for, and hashed files may be kept', async () => {
  const { headers } = await get(atRoot, '/_astro/esbuild.wasm');
  expect(headers).toMatchObject({ 'content-type': 'application/wasm', 'cache-control': expect.stringContaining('immutable') });
});

test('what is missing gets the site’s own page with status 404', async () => {
  expect(await get(atRoot, '/nothing/here')).toMatchObject({ status: 404, body: 'no such page' });
  expect(await get(atRoot, '/index.html/')).toMatchObject({ status: 404 });
});

test('nothing outside the folder is served, however the path is written', async () => {
  const paths = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/lab/../../secret.txt',
    '/../site-two.txt',
    '//secret.txt',
    '/%00',
    '/%zz',
  ];
  for (const path of paths) expect(await get(atRoot, path), path).toMatchObject({ status: 404, body: 'no such page' });
});

test('below a base path the site is found there, and its root leads to it', async () => {
  expect(atBase.url).toMatch(/\/course\/$/);
  expect(await get(atBase, '/')).toMatchObject({ status: 301, headers: { location: '/course/' } });
  expect(await get(atBase, '/course/lab/')).toMatchObject({ status: 200, body: 'lab' });
  expect(await get(atBase, '/lab/')).toMatchObject({ status: 404 });
  expect(await get(atBase, '/course/../../secret.txt')).toMatchObject({ status: 404 });
});

test('HEAD has no body, and other methods are refused', async () => {
  expect(await get(atRoot, '/', 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(await get(atRoot, '/', 'POST')).toMatchObject({ status: 405 });
});

test('a port that is taken is reported as such', async () => {
  const port = Number(new URL(atRoot.url).port);
  await expect(startStaticServer({ root: folder, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
