/** The built site on a server of its own, and a Chromium to look at it with: what every browser test stands on. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchChromium } from '../../scripts/chromium.ts';
import { DIST } from '../../scripts/repository.ts';
import { startStaticServer, type StaticServer } from '../../scripts/static-server.ts';

export interface ServedSite {
  /** Address of the home page. Like the browser it is there once the tests of the file run. */
  readonly url: string;
  readonly browser: Browser;
}

/** Starts both before the tests of the file that calls this, and ends both after them. */
export function serveSite(): ServedSite {
  let server: StaticServer | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    server = await startStaticServer({ root: DIST });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    get url() {
      return server!.url;
    },
    get browser() {
      return browser!;
    },
  };
}
