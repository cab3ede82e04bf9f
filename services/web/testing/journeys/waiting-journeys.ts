import type { Test } from 'tap';
import type { Page } from 'playwright-core';
import { enterRoom } from '../other-buyer.ts';
import { openEvent } from '../page-steps.ts';
import { publishEvent } from '../publish-event.ts';
import type { ServedPage } from '../start-page.ts';

const enterButton = (page: Page) => page.locator('.sale-panel .button-large');
const joinIndex = async (page: Page) => {
  await page.locator('details').waitFor();
  return /draw is (\d+)/.exec((await page.locator('details').textContent()) ?? '')?.[1];
};

/** In the waiting room, before and after the opening. */
export function waitingJourneys(t: Test, { stack, newPage }: ServedPage): void {
  t.test('a refresh, a second tab and another device keep the place before the opening', async (t) => {
    const eventId = await publishEvent(stack, { opensInMs: 600_000 });
    for (const who of ['one', 'two', 'three']) await enterRoom(stack.url, eventId, who);
    const page = await newPage();
    await openEvent(page, eventId, 'alice');
    await enterButton(page).click();
    const index = await joinIndex(page);
    t.match(index, /^\d+$/);
    await page.reload();
    t.equal(await joinIndex(page), index, 'after a refresh');
    const tab = await page.context().newPage();
    await tab.goto(`/#/events/${eventId}`);
    t.equal(await joinIndex(tab), index, 'in a second tab');
    const device = await newPage();
    await openEvent(device, eventId, 'alice');
    await enterButton(device).click();
    t.equal(await joinIndex(device), index, 'on another device');
  });

  t.test('who waits at the opening is let in without doing anything', async () => {
    const eventId = await publishEvent(stack, { opensInMs: 5000 });
    const page = await newPage();
    await openEvent(page, eventId, 'bea');
    await enterButton(page).click();
    await page.locator('.seat-grid').first().waitFor();
  });

  t.test('in line: the place counts down, a lost network is said, and costs nothing', async (t) => {
    const eventId = await publishEvent(stack, { ratePerSecond: 1 });
    for (let at = 0; at < 150; at += 30) {
      await Promise.all(
        Array.from({ length: 30 }, (_, index) => enterRoom(stack.url, eventId, `early-${at + index}`)),
      );
    }
    const page = await newPage();
    await openEvent(page, eventId, 'carol');
    await enterButton(page).click();
    const place = page.locator('.waiting-place', { hasText: 'people before you' });
    const before = async () => Number(/\d+/.exec(await place.innerText())?.[0]);
    await place.waitFor();
    const first = await before();
    t.ok(first > 0, `${first} before`);
    t.match(await page.locator('.waiting-left').innerText(), /^About \d+ (minute|second)/);

    await page.context().setOffline(true);
    await page.locator('[data-connection=reconnecting]').waitFor();
    await page.context().setOffline(false);
    await page.locator('[data-connection=ok]').waitFor({ state: 'attached' });
    await page.reload();
    await place.waitFor();
    t.ok((await before()) <= first, 'never further back');
  });
}
