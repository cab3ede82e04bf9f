import { localSecrets } from '@onsale/local/local-secrets';
import type { Locator, Page } from 'playwright-core';

/** What an operator does at the console, in words of the screen. */

/** Opens a screen of the console, such as `/gate`, with the admin token. */
export async function openConsole(page: Page, consoleUrl: string, path = '/'): Promise<void> {
  await page.goto(`${consoleUrl}/#${path}`);
  await page.locator('input[type=password]').fill(localSecrets.adminToken);
  await page.locator('form button[type=submit]').click();
  await page.locator('.page-tools .link-button').nth(1).waitFor();
}

export const lever = (page: Page, action: 'pause' | 'resume'): Locator =>
  page.locator(`[data-action=${action}]`);
export const cancelFields = (page: Page): Locator => page.locator('.cancel-event input');
export const checkResult = (page: Page, outcome: string): Locator => page.locator(`[data-check=${outcome}]`);

/** Sends a code as a hand scanner does: typed, and Enter. */
export async function checkCode(page: Page, code: string): Promise<void> {
  await page.locator('.code-input').fill(code);
  await page.locator('.code-input').press('Enter');
}
