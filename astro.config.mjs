// The site: Starlight for reading, Svelte for the lab's workspace, and the prebuilt runtime that every host of the checks loads.
// Pages must work under any base path (`astro build --base /course/`), and no page asks another host for anything.
import starlight from '@astrojs/starlight';
import svelte from '@astrojs/svelte';
import { defineConfig } from 'astro/config';
import { baseLinks } from './scripts/astro-base-links.ts';
import { runtimeBundle } from './scripts/astro-runtime.ts';

process.env.ASTRO_TELEMETRY_DISABLED = '1';

export default defineConfig({
  integrations: [
    starlight({
      title: 'Lockstep',
      description: 'A course on fault-tolerant virtual machines that runs.',
      credits: false,
      pagination: true,
      customCss: ['./src/styles/theme.css', './src/styles/prose.css'],
      components: {
        PageTitle: './src/components/PageTitle.astro',
        SiteTitle: './src/components/SiteTitle.astro',
        SocialIcons: './src/components/HeaderLinks.astro',
      },
      markdown: { processedDirs: ['./src/labs'] },
      expressiveCode: {
        themes: ['github-dark', 'github-light'],
        styleOverrides: { borderRadius: '4px', frames: { shadowColor: 'transparent' } },
      },
      sidebar: [
        {
          label: 'Lecture',
          items: ['lecture/replication', 'lecture/logging-channel'],
        },
        {
          label: 'Labs',
          items: [{ label: 'Lab 1: the logging channel', link: '/labs/logging-channel/' }],
        },
      ],
    }),
    svelte(),
    baseLinks(),
    runtimeBundle(),
  ],
  devToolbar: { enabled: false },
  vite: { worker: { format: 'es' } },
});
