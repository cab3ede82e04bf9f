import type { Locator, Page } from 'playwright-core';

/** Presses Tab until the element has the focus, as somebody without a mouse would. */
export async function tabTo(page: Page, element: Locator): Promise<void> {
  await element.waitFor();
  for (let presses = 0; presses < 80; presses++) {
    const isFocused = await element.evaluate((node: any) => node === node.ownerDocument.activeElement);
    if (isFocused) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`80 times Tab does not reach ${String(element)}`);
}
