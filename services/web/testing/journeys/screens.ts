import type { Test } from 'tap';
import { enterRoom } from '../other-buyer.ts';
import { goToSeats, holdButton, notice, openEvent, payButton, seat, tickets } from '../page-steps.ts';
import { publishEvent } from '../publish-event.ts';
import { showInEveryLook } from '../show-in-every-look.ts';
import type { ServedPage } from '../start-page.ts';

const stadium = Array.from({ length: 50 }, (_, index) => ({
  id: `S${index + 1}`,
  rows: 25,
  seatsPerRow: 40,
  price: 150_000 - Math.floor(index / 10) * 20_000,
}));

/** Every screen in every look: nothing for axe to find, and a picture of it in `screenshots/`. */
export function screens(t: Test, { stack, newPage }: ServedPage): void {
  t.test('every screen of a purchase is accessible', async (t) => {
    const page = await newPage();
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    const check = (screen: string) => showInEveryLook(t, page, screen);
    const buyer = 'looker';

    const [onSale, soon, large] = await Promise.all([
      publishEvent(stack),
      publishEvent(stack, { title: 'Winter Strings', opensInMs: 600_000 }),
      publishEvent(stack, { title: 'Stadium of Echoes', sections: stadium }),
    ]);
    await page.goto('/');
    await page.locator(`[data-event=${large}]`).waitFor();
    await check('01-events');
    await page.goto(`/#/events/${soon}`);
    await page.locator('.sign-in').waitFor();
    await check('02-sign-in');
    await openEvent(page, soon, buyer);
    await page.locator('.sale-panel .button-large').click();
    await page.locator('.waiting .countdown').waitFor();
    await check('03-waiting-room');
    // Only now: a line grows shorter while other screens are looked at.
    const line = await publishEvent(stack, { title: '한강 불꽃 콘서트', ratePerSecond: 1 });
    for (let at = 0; at < 120; at += 30) {
      await Promise.all(
        Array.from({ length: 30 }, (_, index) => enterRoom(stack.url, line, `early-${at + index}`)),
      );
    }
    await page.goto(`/#/events/${line}`);
    await page.locator('.sale-panel .button-large').click();
    await page.locator('.waiting progress').waitFor();
    await check('04-in-line');
    await page.context().setOffline(true);
    await page.locator('[data-connection=reconnecting]').waitFor();
    await check('05-reconnecting');
    await page.context().setOffline(false);

    await page.goto(`/#/events/${onSale}`);
    await page.locator('.sale-panel .pill-open').waitFor();
    await check('06-event');
    await goToSeats(page);
    const second = await newPage();
    await openEvent(second, onSale, 'neighbour');
    await goToSeats(second);
    await second.locator('.best .button-quiet').click();
    await second.locator('[data-seat]').first().waitFor();
    await second.context().close();
    await page.locator('.seat-taken[data-row]').first().waitFor();
    await seat(page, 0, 2, 4).click();
    await seat(page, 0, 2, 5).click();
    await check('07-seats');
    await holdButton(page).click();
    await payButton(page).filter({ hasText: '330,000' }).waitFor();
    await check('08-payment');
    await page.locator('.card-choice').nth(1).click();
    await payButton(page).click();
    await notice(page, 'payment_declined').waitFor();
    await check('09-declined');
    await page.locator('.card-choice').nth(0).click();
    await payButton(page).click();
    await tickets(page).first().waitFor();
    await check('10-tickets');
    await page.goto('/#/orders');
    await page.locator('.order .link-button.danger').click();
    await check('11-orders');

    await page.goto(`/#/events/${large}`);
    await page.locator('.sale-panel .button-large').click();
    await page.locator('.section-card').first().waitFor();
    await check('12-sections');
    await page.locator('.section-card').nth(2).click();
    await page.locator('.seat-grid').waitFor();
    await check('13-section');
    t.same(broken, [], 'no script error on the way');
  });
}
