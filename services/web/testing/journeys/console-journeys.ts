import type { Test } from 'tap';
import { localSecrets } from '@onsale/local/local-secrets';
import { cancelFields, checkCode, checkResult, lever, openConsole } from '../console-steps.ts';
import { giveCamera } from '../fake-camera.ts';
import { enterRoom } from '../other-buyer.ts';
import {
  buySeat,
  goToSeats,
  holdButton,
  notice,
  openEvent,
  payButton,
  seat,
  tickets,
} from '../page-steps.ts';
import { publishEvent } from '../publish-event.ts';
import { patienceMs, type ServedPage } from '../start-page.ts';
import { tabTo } from '../tab-to.ts';

/** What an operator does, and what buyers see of it. */
export function consoleJourneys(t: Test, { stack, consoleUrl, newPage }: ServedPage): void {
  t.test('the console opens to the admin token, and is not to be had where buyers are', async (t) => {
    const eventId = await publishEvent(stack);
    const page = await newPage();
    await page.goto(consoleUrl);
    await page.locator('input[type=password]').fill('guessed');
    await page.locator('form button[type=submit]').click();
    await page.locator('.field-error', { hasText: 'do not accept' }).waitFor();
    await page.locator('input[type=password]').fill(localSecrets.adminToken);
    await page.locator('form button[type=submit]').click();
    await page.locator(`[data-event=${eventId}] [data-phase=on-sale]`).waitFor();
    await page.reload();
    await page.locator(`[data-event=${eventId}]`).waitFor();
    const tab = await page.context().newPage();
    await tab.goto(consoleUrl);
    await tab.locator('input[type=password]').waitFor();

    const headers = { authorization: `Bearer ${localSecrets.adminToken}` };
    for (const path of ['/admin/sales', '/console.html', '/console/']) {
      t.equal((await fetch(stack.url + path, { headers })).status, 404, path);
    }
    for (const path of ['/public/health', '/confirm/health', '/api/events', '/metrics']) {
      t.equal((await fetch(consoleUrl + path, { headers })).status, 404, `${path} at the console`);
    }
  });

  t.test('who waits is told of a pause, and let in when the operator opens the line', async (t) => {
    const eventId = await publishEvent(stack, { ratePerSecond: 1 });
    const console = await newPage();
    await openConsole(console, consoleUrl, `/sales/${eventId}`);
    await lever(console, 'pause').click();
    await console.locator('.admission[data-admission=paused]').waitFor();
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => enterRoom(stack.url, eventId, `early-${index}`)),
    );

    const buyer = await newPage();
    await openEvent(buyer, eventId, 'paula');
    await buyer.locator('.sale-panel .button-large').click();
    await buyer.locator('[data-admission=paused]').waitFor();
    t.equal(await buyer.locator('.waiting-left').count(), 0, 'no time to go that nobody knows');

    await lever(console, 'resume').click();
    await console.locator('.admission:not([data-admission=paused])').waitFor();
    await console.locator('.rate input').fill('1000');
    await console.locator('.rate button').click();
    await console.locator('.tiles', { hasText: 'planned 1,000 a second' }).waitFor();
    // Who waits asks again within half a minute; who is curious at once, but perhaps before the new rate is known everywhere.
    await buyer.reload();
    await buyer
      .locator('.seat-grid')
      .first()
      .waitFor({ timeout: 3 * patienceMs });
    await console.locator('.funnel li', { hasText: 'Entered' }).filter({ hasText: '61' }).waitFor();
  });

  t.test('a ticket lets in once, whoever shows it, typed or before the camera', async () => {
    const eventId = await publishEvent(stack);
    const buyer = await newPage();
    await openEvent(buyer, eventId, 'gita');
    await goToSeats(buyer);
    await buySeat(buyer, 0, 0, 0);
    const code = await tickets(buyer).first().locator('.ticket-id').innerText();

    const gate = await newPage();
    const camera = await giveCamera(gate);
    await openConsole(gate, consoleUrl, '/gate');
    await checkCode(gate, code);
    await checkResult(gate, 'admitted').filter({ hasText: 'Row 1, seat 1' }).waitFor();
    await checkCode(gate, code);
    await checkResult(gate, 'already-admitted').waitFor();
    await checkCode(gate, `${code.slice(0, -2)}xx`);
    await checkResult(gate, 'not-valid').waitFor();
    await gate.locator('.button-quiet').click();
    await camera.show(code);
    await checkResult(gate, 'already-admitted').waitFor();
  });

  t.test('unseated tickets of a reservation let all of it in, once', async () => {
    const eventId = await publishEvent(stack, { generalAdmission: { capacity: 10, price: 55_000 } });
    const buyer = await newPage();
    await openEvent(buyer, eventId, 'gwen');
    await buyer.locator('.stepper .icon-button').nth(1).click();
    await buyer.locator('.sale-panel .button-large').click();
    const code = await tickets(buyer).first().locator('.ticket-id').innerText();

    const gate = await newPage();
    await openConsole(gate, consoleUrl, '/gate');
    await checkCode(gate, code);
    await checkResult(gate, 'admitted').filter({ hasText: 'Standing, 2 people' }).waitFor();
    await checkCode(gate, code);
    await checkResult(gate, 'already-admitted').waitFor();
    await buyer.locator('a[href="#/orders"].button').click();
    await buyer.locator('.order .link-button.danger').click();
    await buyer.locator('.button-danger').click();
    await notice(buyer, 'conflict').waitFor();
  });

  t.test('a cancelled event refunds everybody, and its tickets let nobody in', async (t) => {
    const eventId = await publishEvent(stack);
    const buyer = await newPage();
    await openEvent(buyer, eventId, 'cara');
    await goToSeats(buyer);
    await buySeat(buyer, 1, 0, 0);
    const code = await tickets(buyer).first().locator('.ticket-id').innerText();
    const late = await newPage();
    await openEvent(late, eventId, 'late');
    await goToSeats(late);
    await seat(late, 0, 0, 0).click();
    await holdButton(late).click();
    await payButton(late).waitFor();

    const console = await newPage();
    await openConsole(console, consoleUrl, `/sales/${eventId}`);
    await console.locator('.cancel-event .danger').click();
    await cancelFields(console).nth(0).fill('Storm warning');
    await cancelFields(console).nth(1).fill(`${eventId}x`);
    t.ok(await console.locator('.button-danger').isDisabled(), 'not by another name');
    await cancelFields(console).nth(1).fill(eventId);
    await console.locator('.button-danger').click();
    await console.locator('[data-phase=cancelled]').waitFor();
    // Who holds seats is told without doing anything; for who waits it is the same answer.
    await notice(late, 'event_cancelled').waitFor();
    t.equal(await payButton(late).filter({ hasText: 'Pay' }).count(), 0, 'nothing is left to pay');
    await console
      .locator('[data-refunds=done]', { hasText: 'The one refund is sent' })
      .waitFor({ timeout: 60_000 });

    await buyer.goto('/#/orders');
    await buyer.locator('.ticket-void').waitFor();
    await console.goto(`${consoleUrl}/#/gate`);
    await checkCode(console, code);
    await checkResult(console, 'not-valid').filter({ hasText: 'cancelled' }).waitFor();
  });

  t.test('the console by keyboard alone', async (t) => {
    const eventId = await publishEvent(stack);
    const page = await newPage();
    const said = page.locator('[data-testid=announcer]');
    await page.goto(consoleUrl);
    await tabTo(page, page.locator('input[type=password]'));
    await page.keyboard.type(localSecrets.adminToken);
    await page.keyboard.press('Enter');
    await tabTo(page, page.locator(`[data-event=${eventId}]`));
    await page.keyboard.press('Enter');
    await tabTo(page, lever(page, 'pause'));
    await page.keyboard.press('Enter');
    await said.filter({ hasText: 'Admission is paused' }).waitFor();
    await tabTo(page, lever(page, 'resume'));
    await page.keyboard.press('Enter');
    await said.filter({ hasText: 'buyers a second from now on' }).waitFor();
    await tabTo(page, page.locator('.cancel-event .danger'));
    await page.keyboard.press('Enter');
    await cancelFields(page).nth(0).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    t.equal(await page.locator('[data-phase=cancelled]').count(), 0, 'nothing without a name typed');
  });
}
