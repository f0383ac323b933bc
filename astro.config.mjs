// The site: Starlight for reading, Svelte for the lab's workspace, and the prebuilt runtime that every host of the checks loads.
// Pages must work under any base path (`astro build --base /course/`), and no page asks another host for anything.
import starlight from '@astrojs/starlight';
import svelte from '@astrojs/svelte';
import { defineConfig } from 'astro/config';
import { baseLinks } from './scripts/astro-base-links.ts';
import { runtimeBundle } from './scripts/astro-runtime.ts';
import { siteSidebar } from './scripts/site-sidebar.ts';

process.env.ASTRO_TELEMETRY_DISABLED = '1';

export default defineConfig({
  integrations: [
    starlight({
      title: 'Lockstep',
      description: 'A course on fault-tolerant virtual machines that runs.',
      credits: false,
      pagination: true,
      customCss: ['./src/styles/theme.css', './src/styles/prose.css', './src/styles/print.css'],
      components: {
        Footer: './src/components/Footer.astro',
        MobileMenuFooter: './src/components/MobileMenuFooter.astro',
        PageTitle: './src/components/PageTitle.astro',
        Search: './src/components/Search.astro',
        Sidebar: './src/components/Sidebar.astro',
        SiteTitle: './src/components/SiteTitle.astro',
        SocialIcons: './src/components/HeaderLinks.astro',
        ThemeProvider: './src/components/ThemeProvider.astro',
        ThemeSelect: './src/components/ThemeSelect.astro',
      },
      markdown: { processedDirs: ['./src/labs'] },
      expressiveCode: {
        themes: ['github-dark', 'github-light'],
        styleOverrides: { borderRadius: '4px', frames: { shadowColor: 'transparent', editorActiveTabIndicatorTopColor: 'transparent' } },
        defaultProps: { overridesByLang: { sh: { frame: 'none' } } },
      },
      sidebar: await siteSidebar(),
    }),
    svelte(),
    baseLinks(),
    runtimeBundle(),
  ],
  devToolbar: { enabled: false },
  vite: { worker: { format: 'es' } },
});
