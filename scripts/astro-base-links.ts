/**
 * Makes root-relative links in Markdown and MDX (`/lecture/...`) work when the site is served under a base path.
 * Starlight prefixes its own navigation; the text of pages is ours to prefix. Part of the site's build only.
 */
import type { AstroIntegration } from 'astro';

/** The part of an HTML syntax tree node that the plugin reads. */
interface ElementNode {
  properties?: Record<string, unknown>;
}

interface VisitContext {
  setProperty(node: ElementNode, name: string, value: string): void;
}

/** `path` under `base`, each given with or without slashes at their ends; other links come back as they are. */
export function withBase(base: string, path: string): string {
  const prefix = base.replace(/\/+$/, '');
  const isRootRelative = path.startsWith('/') && !path.startsWith('//');
  return isRootRelative && prefix !== '' && !path.startsWith(`${prefix}/`) ? prefix + path : path;
}

/** The integration: adds one plugin to the Markdown processor that Astro was configured with. */
export function baseLinks(): AstroIntegration {
  return {
    name: 'lockstep-base-links',
    hooks: {
      'astro:config:setup': ({ config }) => {
        const options = config.markdown.processor.options as { hastPlugins?: unknown[] };
        if (!options.hastPlugins) throw new Error(`the Markdown processor ${config.markdown.processor.name} takes no hast plugins`);
        options.hastPlugins.push({
          name: 'lockstep-base-links',
          element: {
            filter: ['a'],
            visit(node: ElementNode, context: VisitContext) {
              const address = node.properties?.['href'];
              if (typeof address === 'string') context.setProperty(node, 'href', withBase(config.base, address));
            },
          },
        });
      },
    },
  };
}
