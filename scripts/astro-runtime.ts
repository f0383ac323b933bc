/**
 * Puts the prebuilt runtime bundle on the site: `virtual:lockstep/runtime` tells pages its address and hash, the dev server serves it
 * from memory, and the build writes it as `_lockstep/runtime.<hash>.js`. The same bytes that the command loads, so that reports agree.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import type { AstroIntegration } from 'astro';
import type { Plugin } from 'vite';
import { buildRuntime } from './runtime-bundle.ts';

const moduleId = 'virtual:lockstep/runtime';

/** Name of the bundle's file below the site's base path. */
export function runtimeFile(hash: string): string {
  return `_lockstep/runtime.${hash.slice(0, 16)}.js`;
}

function runtimePlugin(base: string, runtime: ReturnType<typeof buildRuntime>): Plugin {
  const prefix = base.replace(/\/*$/, '/');
  return {
    name: 'lockstep-runtime',
    resolveId: (id) => (id === moduleId ? `\0${moduleId}` : undefined),
    load: async (id) => {
      if (id !== `\0${moduleId}`) return undefined;
      const { hash } = await runtime;
      return `export const runtime = ${JSON.stringify({ url: prefix + runtimeFile(hash), hash })};`;
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        void runtime.then(({ code, hash }) => {
          if (!request.url?.endsWith(runtimeFile(hash))) return next();
          response.writeHead(200, { 'content-type': 'text/javascript' }).end(code);
        }, next);
      });
    },
  };
}

/** The integration. The runtime is built once, when Astro starts. */
export function runtimeBundle(): AstroIntegration {
  const runtime = buildRuntime();
  // A failure is thrown where the bundle is used, not by the process as unhandled.
  runtime.catch(() => undefined);
  return {
    name: 'lockstep-runtime',
    hooks: {
      'astro:config:setup': ({ config, updateConfig }) => {
        updateConfig({ vite: { plugins: [runtimePlugin(config.base, runtime)] } });
      },
      'astro:build:done': async ({ dir }) => {
        const { code, hash } = await runtime;
        const file = new URL(runtimeFile(hash), dir);
        await mkdir(new URL('./', file), { recursive: true });
        await writeFile(file, code);
      },
    },
  };
}
