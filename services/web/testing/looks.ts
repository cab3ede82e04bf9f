import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';

/** Where pictures of all screens go: test output, ignored by git. */
export const pictures = fileURLToPath(new URL('../screenshots', import.meta.url));

const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 860 } };
const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

/** Both languages, both colour schemes, both kinds of device. */
export const looks: Record<string, BrowserContextOptions> = {
  'desktop-light-en': { ...desktop, colorScheme: 'light', locale: 'en-US' },
  'phone-dark-ko': { ...phone, colorScheme: 'dark', locale: 'ko-KR' },
};
