/**
 * Two runs of tests. `node` needs nothing but this repository; `browser` drives Chromium over the built site, so that
 * `astro build` comes first (`npm test` does all of it in order).
 */
import { defineConfig } from 'vitest/config';

const browserTests = ['tests/e2e/**/*.test.ts', 'tests/parity.test.ts'];

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'node', include: ['tests/**/*.test.ts'], exclude: browserTests, testTimeout: 120_000 } },
      {
        test: { name: 'browser', include: browserTests, testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false },
      },
    ],
  },
});
