import type { Test } from 'tap';
import { looks } from '../looks.ts';
import { measureFrames } from '../measure-frames.ts';
import { otherBuyer } from '../other-buyer.ts';
import { openEvent, seat } from '../page-steps.ts';
import { publishEvent } from '../publish-event.ts';
import { patienceMs, type ServedPage } from '../start-page.ts';

const house = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `S${index + 1}`,
    rows: 25,
    seatsPerRow: 40,
    price: 150_000 - Math.floor((index * 5) / count) * 20_000,
  }));
/** A phone of the middle class beside the machine of a developer, as browsers' own tools take it. */
const phoneSlowdown = 4;

/** What large houses cost a phone, and what following them costs the services. */
export function seatMapJourney(t: Test, { stack, newPage }: ServedPage): void {
  t.test('the seat map draws and asks no more than it must', async (t) => {
    const [hall, stadium] = await Promise.all([
      publishEvent(stack, { sections: house(1) }),
      publishEvent(stack, { sections: house(50) }),
    ]);
    const page = await newPage(looks['phone-dark-ko']);
    const seats = page.locator('.seat-grid .seat');

    await openEvent(page, hall, 'dana');
    await page.locator('.sale-panel .button-large').click();
    await seats.first().waitFor();
    t.equal(await seats.count(), 1000, 'a thousand seats at once');
    t.comment(`1,000 seats: ${JSON.stringify(await measureFrames(page, phoneSlowdown))}`);

    const other = await otherBuyer(stack.url, hall, 'erik');
    const asked: { status: number; atMs: number }[] = [];
    page.on('response', (answer) => {
      if (!answer.url().includes('as=bytes')) return;
      asked.push({ status: answer.status(), atMs: answer.request().timing().startTime });
    });
    await page.evaluate(`
      globalThis.touched = new Set();
      new MutationObserver((changes) => {
        for (const { target } of changes) if (target.dataset?.row) touched.add(target.dataset.row + '.' + target.dataset.column);
      }).observe(document.querySelector('.seat-grid'), { attributes: true, childList: true, subtree: true });
    `);
    await other.hold(['R3C7', 'R3C8']);
    const heldAtMs = performance.now();
    await seat(page, 0, 2, 6).and(page.locator('.seat-taken')).waitFor();
    t.comment(`a seat somebody else held was shown after ${Math.round(performance.now() - heldAtMs)} ms`);
    t.same(await page.evaluate('[...touched].sort()'), ['2.6', '2.7'], 'of the others none was drawn again');
    const before = asked.length;
    const deadline = performance.now() + patienceMs;
    while (asked.length < before + 5 && performance.now() < deadline) await page.waitForTimeout(100);
    const quiet = asked.slice(before + 1);
    t.same([...new Set(quiet.map(({ status }) => status))], [304], 'while nothing changes nothing is sent');
    const gapsMs = quiet.slice(1).map(({ atMs }, index) => atMs - quiet[index]!.atMs);
    t.ok(Math.min(...gapsMs) > 700, `and asked every 0.8 s: ${gapsMs.map(Math.round).join(', ')} ms`);

    await page.goto(`/#/events/${stadium}`);
    await page.locator('.sale-panel .button-large').click();
    await page.locator('.section-card').nth(49).waitFor();
    t.equal(await seats.count(), 0, '50,000 seats are sections first');
    await page.locator('.section-card').nth(2).click();
    await seats.first().waitFor();
    t.equal(await seats.count(), 1000, 'and the seats of one of them');
  });
}
