import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalStack, startLocalStack } from '@onsale/local/local-stack';
import { buildPage, consoleDir } from '@onsale/local/page/build-page';
import { serveConsole } from '@onsale/local/page/serve-console';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from './launch-browser.ts';

interface TestScope {
  teardown(handler: () => unknown): void;
}

/** Page and console over a local stack of the test's own. */
export interface ServedPage {
  readonly stack: LocalStack;
  readonly browser: Browser;
  /** The sale console's own address. */
  readonly consoleUrl: string;
  /** A browser profile of its own: another person, or another device. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
}

/** How long anything may take to appear: slow machines are no fault of the page. */
export const patienceMs = 40_000;

/** Builds page and console, starts stack and browser; all is gone with the test. */
export async function startPage(t: TestScope): Promise<ServedPage> {
  const dir = await mkdtemp(join(tmpdir(), 'onsale-page-'));
  const [stack, browser] = await Promise.all([
    startLocalStack({ port: 0, dir, keep: false, report: () => undefined }),
    launchBrowser(),
    buildPage(),
  ]);
  const saleConsole = await serveConsole({
    port: 0,
    dir: consoleDir,
    adminUrl: () => stack.internalUrl('public-api'),
  });
  t.teardown(async () => {
    await browser.close();
    await saleConsole.close();
    await stack.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return {
    stack,
    browser,
    consoleUrl: saleConsole.url,
    async newPage(options = {}) {
      const context = await browser.newContext({
        baseURL: stack.url,
        locale: 'en-US',
        viewport: { width: 1280, height: 860 },
        reducedMotion: 'reduce',
        ...options,
      });
      context.setDefaultTimeout(patienceMs);
      return context.newPage();
    },
  };
}
