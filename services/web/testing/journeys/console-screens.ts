import type { Test } from 'tap';
import { cancelFields, checkCode, checkResult, lever, openConsole } from '../console-steps.ts';
import { enterRoom } from '../other-buyer.ts';
import { buySeat, goToSeats, notice, openEvent, tickets } from '../page-steps.ts';
import { publishEvent } from '../publish-event.ts';
import { showInEveryLook } from '../show-in-every-look.ts';
import type { ServedPage } from '../start-page.ts';

/** Every screen of the console in every look: nothing for axe to find, and a picture of it in `screenshots/`. */
export function consoleScreens(t: Test, { stack, consoleUrl, newPage }: ServedPage): void {
  t.test('every screen of the console is accessible', async (t) => {
    const eventId = await publishEvent(stack, { title: '한강 불꽃 콘서트' });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => enterRoom(stack.url, eventId, `early-${index}`)),
    );
    const buyer = await newPage();
    await openEvent(buyer, eventId, 'bruno');
    await goToSeats(buyer);
    await buySeat(buyer, 0, 1, 4);
    const code = await tickets(buyer).first().locator('.ticket-id').innerText();
    await buyer.context().close();

    const page = await newPage();
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    const check = (screen: string) => showInEveryLook(t, page, `console-${screen}`);
    await page.goto(consoleUrl);
    await page.locator('input[type=password]').waitFor();
    await check('1-token');
    await openConsole(page, consoleUrl);
    await page.locator(`[data-event=${eventId}]`).waitFor();
    await check('2-sales');
    await page.goto(`${consoleUrl}/#/sales/${eventId}`);
    await page.locator('.funnel').waitFor();
    await check('3-sale');
    await lever(page, 'pause').click();
    await lever(page, 'resume').waitFor();
    await page.locator('.cancel-event .danger').click();
    await cancelFields(page).nth(0).fill('Storm');
    await check('4-paused-cancelling');
    await page.goto(`${consoleUrl}/#/gate`);
    await checkCode(page, code);
    await checkResult(page, 'admitted').waitFor();
    await check('5-gate-in');
    await checkCode(page, code);
    await checkResult(page, 'already-admitted').waitFor();
    await check('6-gate-again');
    await checkCode(page, 'no ticket');
    await checkResult(page, 'not-valid').waitFor();
    await check('7-gate-not-valid');
    await page.goto(`${consoleUrl}/#/sales/${eventId}`);
    await page.locator('.cancel-event .danger').click();
    await cancelFields(page).nth(0).fill('Storm');
    await cancelFields(page).nth(1).fill(eventId);
    await page.locator('.button-danger').click();
    await page.locator('[data-refunds=done]').waitFor({ timeout: 60_000 });
    await check('8-cancelled');
    await page.goto(`${stack.url}/#/events/${eventId}`);
    await notice(page, 'event_cancelled').waitFor();
    await check('9-cancelled-for-buyers');
    t.same(broken, [], 'no script error on the way');
  });
}
