import type { Test } from 'tap';
import { payButton, seat, tickets } from '../page-steps.ts';
import { publishEvent } from '../publish-event.ts';
import type { ServedPage } from '../start-page.ts';
import { tabTo } from '../tab-to.ts';

/** Without a mouse, and without seeing the screen. */
export function keyboardJourney(t: Test, { stack, newPage }: ServedPage): void {
  t.test('a whole purchase by keyboard, told to who cannot see it', async (t) => {
    const eventId = await publishEvent(stack);
    const page = await newPage();
    const said = page.locator('[data-testid=announcer]');
    await page.goto('/');
    await tabTo(page, page.locator(`[data-event=${eventId}]`));
    await page.keyboard.press('Enter');
    await tabTo(page, page.locator('.sign-in input'));
    await page.keyboard.type('kim');
    await page.keyboard.press('Enter');
    await tabTo(page, page.locator('.sale-panel .button-large'));
    await page.keyboard.press('Enter');
    await said.filter({ hasText: 'It is your turn' }).waitFor();

    await tabTo(page, seat(page, 0, 0, 0));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await said.filter({ hasText: 'Row 2, seat 2, Selected' }).waitFor();
    t.equal(await seat(page, 0, 1, 1).getAttribute('aria-selected'), 'true');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await said.filter({ hasText: 'Row 2, seat 12, Selected' }).waitFor();
    await page.keyboard.press('Space');
    await seat(page, 0, 1, 11).and(page.locator('[aria-selected=false]')).waitFor();

    await tabTo(page, page.locator('.selected .button-large'));
    await page.keyboard.press('Enter');
    // The new screen's heading has the focus: what comes next is read from there.
    await page.locator('h1:focus', { hasText: 'Your seats are held' }).waitFor();
    await tabTo(page, payButton(page));
    await page.keyboard.press('Enter');
    await tickets(page).first().waitFor();
    t.match(await tickets(page).first().innerText(), 'Row 2, seat 2');
  });
}
