import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import { accessibilityProblems } from './check-accessibility.ts';
import { looks, pictures } from './looks.ts';

/** The screen as it is, in every look: a picture of it, and nothing for axe to find. Leaves it in the last look. */
export async function showInEveryLook(t: Test, page: Page, screen: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  for (const [look, { viewport, colorScheme }] of Object.entries(looks)) {
    await page.setViewportSize(viewport!);
    await page.emulateMedia({ colorScheme: colorScheme! });
    const other = page.locator(`.page-tools [lang=${look.slice(-2)}]`);
    if ((await other.count()) > 0) await other.click();
    await page.screenshot({ path: `${pictures}/${look}-${screen}.png`, fullPage: true });
    t.same(await accessibilityProblems(page), [], `${screen} ${look}`);
  }
}
