/**
 * The built site as files: which pages a build has, found by looking, and a build under any base path in a folder of its own. The browser
 * tests and the screenshots share it, so that a new page is tested and seen without being named anywhere.
 */
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { runTool } from './repository.ts';

export interface BuiltSite {
  /** The folder that holds it. */
  root: string;
  /** The path below which it was built, with slashes at both ends. */
  base: string;
  /** Its pages as paths below the base: '' is home, 'lecture/replication/' a chapter, '404.html' what is shown for a missing page. */
  pages: string[];
  remove(): void;
}

/**
 * Every page of a built site, in the order of their paths.
 * @throws Error where nothing is built
 */
export function pagesOf(root: string): string[] {
  const files = globSync('**/*.html', { cwd: root }).map((file) => file.split(sep).join('/'));
  if (files.length === 0) throw new Error(`There is no built site in ${root}: run \`npm run build\` first.`);
  return files.map((file) => file.replace(/(^|\/)index\.html$/, '$1')).sort();
}

/**
 * Builds the site into a temporary folder.
 * @throws Error with the build's own words where it fails
 */
export async function buildSite(base = '/'): Promise<BuiltSite> {
  // Vitest describes itself in these, and a build started from a test would take them for its own.
  for (const name of ['BASE_URL', 'DEV', 'MODE', 'NODE_ENV', 'PROD', 'SSR', 'TEST', 'VITEST']) delete process.env[name];
  const root = mkdtempSync(join(tmpdir(), 'lockstep-site-'));
  const remove = () => rmSync(root, { recursive: true, force: true });
  const build = await runTool('astro', ['build', '--base', base, '--outDir', root]);
  if (build.status !== 0) {
    remove();
    throw new Error(build.output);
  }
  return { root, base, pages: pagesOf(root), remove };
}
