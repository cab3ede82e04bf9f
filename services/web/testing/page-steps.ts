import type { Locator, Page } from 'playwright-core';

/** What a person does on the page, in words of the screen. */

/** Opens an event and signs in there. */
export async function openEvent(page: Page, eventId: string, userId: string): Promise<void> {
  await page.goto(`/#/events/${eventId}`);
  await page.locator('.sign-in input').fill(userId);
  await page.locator('.sign-in button[type=submit]').click();
}

/** From the event to its seat map; the event is on sale. */
export async function goToSeats(page: Page): Promise<void> {
  await page.locator('.sale-panel .button-large').click();
  await page.locator('.seat-grid').first().waitFor();
}

/** A seat of the map; rows and columns count from 0 within a section. */
export function seat(page: Page, section: number, row: number, column: number): Locator {
  return page.locator('.seat-grid').nth(section).locator(`[data-row="${row}"][data-column="${column}"]`);
}

export const holdButton = (page: Page): Locator => page.locator('.selected .button-large');
export const payButton = (page: Page): Locator => page.locator('.actions .button-large');
export const notice = (page: Page, code: string): Locator => page.locator(`[data-notice=${code}]`);
export const tickets = (page: Page): Locator => page.locator('.tickets .ticket');

/** From the open seat map to a ticket for this seat. */
export async function buySeat(page: Page, section: number, row: number, column: number): Promise<void> {
  await seat(page, section, row, column).click();
  await holdButton(page).click();
  await payButton(page).click();
  await tickets(page).first().waitFor();
}
