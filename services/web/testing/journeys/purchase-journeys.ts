import type { Test } from 'tap';
import { otherBuyer } from '../other-buyer.ts';
import { goToSeats, holdButton, notice, openEvent, payButton, seat, tickets } from '../page-steps.ts';
import { publishEvent } from '../publish-event.ts';
import type { ServedPage } from '../start-page.ts';

/** Every way a purchase goes. */
export function purchaseJourneys(t: Test, { stack, newPage }: ServedPage): void {
  t.test('two seats, chosen on the map, become two tickets, and their order can be cancelled', async (t) => {
    const eventId = await publishEvent(stack);
    const page = await newPage();
    await page.goto('/');
    await page.locator(`[data-event=${eventId}]`).click();
    await openEvent(page, eventId, 'alice');
    await goToSeats(page);
    await seat(page, 0, 2, 4).click();
    await seat(page, 0, 2, 5).click();
    await page.locator('.selected .total', { hasText: '₩330,000' }).waitFor();
    await holdButton(page).click();
    await payButton(page).filter({ hasText: '₩330,000' }).waitFor();
    t.same(await page.locator('.seat-list [data-seat]').allInnerTexts(), [
      'Row 3, seat 5\n₩165,000',
      'Row 3, seat 6\n₩165,000',
    ]);
    await payButton(page).click();
    await tickets(page).first().waitFor();
    t.equal(await tickets(page).count(), 2);
    t.equal(await tickets(page).locator('svg[role=img]').count(), 2, 'each with its code');

    await page.locator('a[href="#/orders"].button').click();
    await page.locator('.order .link-button.danger').click();
    await page.locator('.button-danger').click();
    await page.locator('.ticket-void').first().waitFor();
    t.equal(await page.locator('.ticket-void').count(), 2);
  });

  t.test('the best available seats are held without the map; given back, they are free again', async (t) => {
    const eventId = await publishEvent(stack);
    const page = await newPage();
    await openEvent(page, eventId, 'bea');
    await goToSeats(page);
    await page.locator('.best select').selectOption('C');
    await page.locator('.best .button-quiet').click();
    await page.locator('[data-seat]').first().waitFor();
    t.equal(await page.locator('[data-seat]').count(), 2);
    await page.locator('.actions .button-quiet').click();
    await page.locator('.seat-grid').first().waitFor();
    await page.locator('.map-section', { hasText: '120 left' }).waitFor();
  });

  t.test('a second tab follows the first; either may go on', async (t) => {
    const eventId = await publishEvent(stack);
    const first = await newPage();
    await openEvent(first, eventId, 'carol');
    await goToSeats(first);
    const second = await first.context().newPage();
    await second.goto(`/#/events/${eventId}`);
    await seat(second, 1, 0, 0).click();
    await seat(first, 1, 3, 3).click();
    await holdButton(first).click();
    await second.locator('[data-seat=R10C4]').waitFor();
    await payButton(second).click();
    await tickets(first).first().waitFor();
    await tickets(second).first().waitFor();
    const idIn = (page: typeof first) => tickets(page).first().getAttribute('data-ticket');
    t.equal(await idIn(first), await idIn(second), 'one order, seen in both');
  });

  t.test('a seat somebody else takes leaves the selection, and says so', async () => {
    const eventId = await publishEvent(stack);
    const page = await newPage();
    await openEvent(page, eventId, 'dora');
    await goToSeats(page);
    const rival = await otherBuyer(stack.url, eventId, 'rival');
    await seat(page, 0, 0, 0).click();
    await rival.hold(['R1C1']);
    await notice(page, 'seats_gone').waitFor();
    await page.locator('.seat-taken[data-row="0"][data-column="0"]').first().waitFor();

    // The map no longer answers: the hold itself is refused.
    await page.route('**/public/seats/**', (route) => route.abort());
    await page.locator('.dot-late').waitFor();
    await seat(page, 0, 1, 1).click();
    await rival.hold(['R2C2']);
    await holdButton(page).click();
    await notice(page, 'seat_already_held_or_sold').waitFor();
  });

  t.test('a hold that is not paid in time lapses, and the buyer may choose again', async (t) => {
    const eventId = await publishEvent(stack, { holdTtl: '3s' });
    const page = await newPage();
    await openEvent(page, eventId, 'emma');
    await goToSeats(page);
    await seat(page, 0, 0, 0).click();
    await holdButton(page).click();
    await notice(page, 'hold_lapsed').waitFor();
    await seat(page, 0, 0, 1).click();
    await holdButton(page).and(page.locator(':enabled')).waitFor();
    t.equal(await page.locator('.selected .seat-list li').count(), 1);
  });

  t.test('a declined card costs nothing but the attempt: another one pays for the same seats', async (t) => {
    const eventId = await publishEvent(stack);
    const page = await newPage();
    await openEvent(page, eventId, 'faye');
    await goToSeats(page);
    await seat(page, 2, 0, 0).click();
    await holdButton(page).click();
    await page.locator('.card-choice').nth(1).click();
    await payButton(page).click();
    await notice(page, 'payment_declined').waitFor();
    await page.locator('.card-choice').nth(0).click();
    await payButton(page).click();
    await tickets(page).first().waitFor();
    t.match(await tickets(page).first().innerText(), 'Row 13, seat 1');
  });

  t.test('who is signed out on the way signs in again, and pays for the seats still held', async () => {
    const eventId = await publishEvent(stack);
    const page = await newPage();
    await openEvent(page, eventId, 'ines');
    await goToSeats(page);
    await seat(page, 0, 0, 0).click();
    await holdButton(page).click();
    const body = JSON.stringify({ error: 'unauthorized', message: 'The bearer token has expired' });
    const refuse = { status: 401, contentType: 'application/json', body };
    await page.route('**/confirm/payment-intent', (route) => route.fulfill(refuse), { times: 1 });
    await payButton(page).click();
    await notice(page, 'unauthorized').waitFor();
    await page.locator('.sign-in input').fill('ines');
    await page.locator('.sign-in button[type=submit]').click();
    await payButton(page).click();
    await tickets(page).first().waitFor();
  });

  t.test('tickets without seats are taken at once', async (t) => {
    const eventId = await publishEvent(stack, { generalAdmission: { capacity: 100, price: 55_000 } });
    const page = await newPage();
    await openEvent(page, eventId, 'gina');
    await page.locator('.stepper .icon-button').nth(1).click();
    await page.locator('.sale-panel .button-large').click();
    t.match(await tickets(page).first().innerText(), /2 tickets[^]*OR1\./);
    t.equal(await page.locator('.ticket .qr').count(), 1, 'one code for both');
  });
}
