/**
 * Two runs of tests. `node` needs nothing but this repository; `browser` drives Chromium over the built site, so that
 * `astro build` comes first (`npm test` does all of it in order).
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const browserTests = ['tests/e2e/**/*.test.ts', 'tests/parity.test.ts'];

export default defineConfig({
  test: {
    // All cores: by itself vitest leaves one idle, which is half of a small machine.
    maxWorkers: availableParallelism(),
    projects: [
      { test: { name: 'node', include: ['tests/**/*.test.ts'], exclude: browserTests, testTimeout: 120_000 } },
      {
        test: { name: 'browser', include: browserTests, testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false },
      },
    ],
  },
});
