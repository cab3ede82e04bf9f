import { callAdmin } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import { openConsole } from '../console-steps.ts';
import { enterRoom, otherBuyer } from '../other-buyer.ts';
import { goToSeats, holdButton, notice, openEvent, payButton, seat, tickets } from '../page-steps.ts';
import { publishEvent } from '../publish-event.ts';
import { showInEveryLook } from '../show-in-every-look.ts';
import type { ServedPage } from '../start-page.ts';

/** Answers as the services do, with these fields in the place of theirs: what would take long to come about. */
async function answerWith(page: Page, url: string, change: (body: any) => unknown): Promise<void> {
  await page.route(url, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: change(await response.json()) });
  });
}

/** An order of each state. */
const orders = ['PROCESSING', 'REJECTED', 'CANCELLED'].map((status, index) => ({
  orderId: `ord_0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4${index}`,
  status,
  reason: status === 'REJECTED' ? 'hold_expired' : null,
  amount: 165_000,
  currency: 'KRW',
  updatedAt: '2027-05-17T10:00:00Z',
  tickets: status === 'CANCELLED' ? [{ ticketId: 'tkt_1', seatId: 'R1C1', status: 'CANCELLED' }] : [],
}));

/** Screens of a purchase that goes otherwise than hoped, of events that sell otherwise, and of nothing to show. */
export function rareScreens(t: Test, { stack, consoleUrl, newPage }: ServedPage): void {
  t.test('what goes wrong on the way is said on screens anybody can read', async (t) => {
    const eventId = await publishEvent(stack);
    const page = await newPage();
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    const show = (screen: string) => showInEveryLook(t, page, screen);

    await page.route('**/api/events', (route) => route.fulfill({ json: [] }));
    await page.goto('/');
    await page.locator('main .panel').waitFor();
    await show('20-no-events');
    await page.unroute('**/api/events');
    await page.goto('/#/events/no-such-event');
    await page.locator('main .button').waitFor();
    await show('21-no-such-event');
    await page.route('**/api/events/*', (route) => route.abort());
    await page.goto(`/#/events/${eventId}`);
    await page.locator('[data-connection=reconnecting]').waitFor();
    await show('22-no-answer');
    await page.unroute('**/api/events/*');
    await page.goto('/#/sign-in');
    await page.locator('.sign-in input').fill('two words');
    await page.locator('.sign-in button[type=submit]').click();
    await page.locator('.field-error').waitFor();
    await show('23-sign-in-refused');

    await openEvent(page, eventId, 'nora');
    await answerWith(page, '**/api/events/*', (event) => ({ ...event, availableSeats: 0 }));
    await page.reload();
    await page.locator('.sale-panel .pill', { hasText: /Sold out|매진/ }).waitFor();
    await show('24-sold-out');
    await page.unroute('**/api/events/*');
    await answerWith(page, '**/api/events/*', (event) => ({
      ...event,
      sale: { ...event.sale, closesAt: event.sale.opensAt },
    }));
    await page.reload();
    await page.locator('.sale-panel a.button').waitFor();
    await show('25-sale-over');
    await page.unroute('**/api/events/*');

    await page.goto('/#/orders');
    await page.locator('main .panel').waitFor();
    await show('26-no-orders');
    await answerWith(page, '**/confirm/orders?*', () => ({
      orders: orders.map((order) => ({ ...order, eventId })),
    }));
    await page.reload();
    await page.locator('.ticket-void').waitFor();
    await show('27-orders-of-each-state');

    await page.goto(`/#/events/${eventId}`);
    await goToSeats(page);
    const rival = await otherBuyer(stack.url, eventId, 'rival');
    await seat(page, 0, 0, 0).click();
    await rival.hold(['R1C1']);
    await notice(page, 'seats_gone').waitFor();
    await show('28-seat-gone');
    await seat(page, 0, 1, 0).click();
    await page.route('**/confirm/status?*', (route) =>
      route.fulfill({ json: { order: null, payment: null } }),
    );
    await holdButton(page).click();
    await payButton(page).click();
    await page.locator('.progress-steps').waitFor();
    await show('29-confirming');
    await page.unroute('**/confirm/status?*');
    await answerWith(page, '**/confirm/status?*', ({ order }) => ({
      order: order && { ...order, status: 'REJECTED', reason: 'hold_timeout', tickets: [] },
      payment: null,
    }));
    await page.locator('main .notice').waitFor();
    await show('30-rejected');
    t.same(broken, [], 'no script error on the way');
  });

  t.test('events that sell otherwise have screens anybody can read', async (t) => {
    const [paused, standing, practice] = await Promise.all([
      publishEvent(stack, { ratePerSecond: 1 }),
      publishEvent(stack, { generalAdmission: { capacity: 100, price: 55_000 } }),
      publishEvent(stack, { windows: { every: '60s', openFor: '15s' } }),
    ]);
    const admin = { url: stack.internalUrl('public-api'), token: localSecrets.adminToken };
    await callAdmin(admin, 'POST', `/admin/sales/${paused}/pause`);
    const page = await newPage();
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    const show = (screen: string) => showInEveryLook(t, page, screen);

    await openEvent(page, practice, 'olga');
    await page.locator('.sale-panel .button-large').waitFor();
    await show('31-practice');
    await page.goto(`/#/events/${standing}`);
    await page.locator('.stepper').waitFor();
    await show('32-standing');
    await page.locator('.sale-panel .button-large').click();
    await tickets(page).first().waitFor();
    await show('33-standing-tickets');
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => enterRoom(stack.url, paused, `early-${index}`)),
    );
    await page.goto(`/#/events/${paused}`);
    await page.locator('.sale-panel .button-large').click();
    await page.locator('[data-admission=paused]').waitFor();
    await page.locator('details summary').click();
    await show('34-line-paused');

    await openConsole(page, consoleUrl, `/sales/${standing}`);
    await page.locator('.figures').waitFor();
    await show('console-10-standing');
    await page.goto(`${consoleUrl}/#/sales/${paused}`);
    await page.locator('.rate input').fill('fast');
    await page.locator('.rate button').click();
    await page.route('**/admin/sales/**', (route) => route.abort());
    await page.locator('[data-trouble=unreachable]').waitFor();
    await show('console-11-no-answer');
    await page.unroute('**/admin/sales/**');
    await answerWith(page, '**/admin/sales/*/status', (sale) => ({
      ...sale,
      cancellation: { at: sale.countedAt, reason: 'Storm' },
      entered: 12_345,
      admitted: 9876,
      paid: 5555,
      confirmed: 1234,
      cancelled: 4321,
      refunds: { sent: 4321, due: 2222, failed: 7, dueAmount: 2222 * 165_000, sentAmount: 4321 * 165_000 },
    }));
    await page.locator('[data-refunds=under-way]').waitFor();
    await show('console-12-refunds-under-way');
    await page.route('**/admin/sales', (route) => route.fulfill({ json: { items: [] } }));
    await page.goto(`${consoleUrl}/#/`);
    await page.locator('main .panel').waitFor();
    await show('console-13-no-sales');
    await page.locator('.page-tools .link-button').nth(1).click();
    await page.unroute('**/admin/sales');
    await page.locator('input[type=password]').fill('guessed');
    await page.locator('form button[type=submit]').click();
    await page.locator('.field-error:not(:empty)').waitFor();
    await show('console-14-token-refused');
    t.same(broken, [], 'no script error on the way');
  });
}
