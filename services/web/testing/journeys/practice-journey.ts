import type { Route } from 'playwright-core';
import type { Test } from 'tap';
import { openEvent, payButton, tickets } from '../page-steps.ts';
import { publishEvent } from '../publish-event.ts';
import { showInEveryLook } from '../show-in-every-look.ts';
import { patienceMs, type ServedPage } from '../start-page.ts';

/** The services' own answer, in a round of 2 other people and 37 bots: nobody waits here for bots to have bought. */
async function crowdTheRound(route: Route): Promise<void> {
  const response = await route.fetch();
  const crowd = { others: 39, otherBots: 37, faster: 11, fasterBots: 10, percentile: 71 };
  await route.fulfill({ response, json: { ...(await response.json()), ...crowd } });
}

/** Rounds of a practice event, their result, and the rounds before. */
export function practiceJourney(t: Test, { stack, newPage }: ServedPage): void {
  t.test('a practice round ends with the time it took; the next one has fresh seats', async (t) => {
    const eventId = await publishEvent(stack, { windows: { every: '20s', openFor: '18s' }, holdTtl: '10s' });
    const page = await newPage();
    await openEvent(page, eventId, 'hana');
    // A round that ends on the way puts the buyer outside again.
    const buy = async () => {
      await page.locator('.sale-panel .button-large').click();
      await page.locator('.best .button-quiet').click();
      await payButton(page).click({ timeout: 5000 });
      await tickets(page).first().waitFor({ timeout: 10_000 });
      return true;
    };
    const buyInARound = async () => {
      let isBought = false;
      const deadline = performance.now() + 4 * patienceMs;
      while (!isBought && performance.now() < deadline) isBought = await buy().catch(() => false);
      t.match(await page.locator('.taken').innerText(), /From opening to tickets: \d/);
      await page.locator('.rank').waitFor();
      await page.locator('.laps dd').nth(2).waitFor();
    };
    await page.route('**/rank?*', crowdTheRound);
    await buyInARound();
    await page.locator('.racers', { hasText: 'No. 2 of 3' }).filter({ hasText: '10 of 37 bots' }).waitFor();
    t.equal(await page.locator('.ticket .qr').count(), 0, 'nothing to show at a gate');
    await showInEveryLook(t, page, '14-practice-result');
    await page.locator('.page-tools [lang=en]').click();
    await page.unroute('**/rank?*');
    await page.locator('.actions .button').click();
    await buyInARound();
    await page.locator('.history li').nth(1).waitFor();
    await showInEveryLook(t, page, '15-practice-history');
    await page.locator('.page-tools [lang=en]').click();
    t.equal(await page.locator('.history li', { hasText: 'Your best' }).count(), 1);
  });
}
