import type { Page } from 'playwright-core';
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
/** Of sixty frames a second. */
const frameMs = 1000 / 60;
/** From the answer of a hold to the seat shown as taken to everybody else. */
const shownWithinMs = 2000;
/** What this machine may add to it: it runs services, engines, browser and test. */
const slackMs = 500;

interface Asked {
  readonly status: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** What the page asks of the seats from now on. */
function seatsAsked(page: Page): readonly Asked[] {
  const asked: Asked[] = [];
  page.on('response', (answer) => {
    if (!answer.url().includes('as=bytes')) return;
    asked.push({ status: answer.status(), atMs: answer.request().timing().startTime });
  });
  return asked;
}

/** Notes in the page, for each seat drawn again from now on, when it first was. */
const noteChanges = `
  globalThis.changedAtMs = {};
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const { row, column } = target.dataset ?? {};
      if (row) changedAtMs[row + '.' + column] ??= Date.now();
    }
  }).observe(document.querySelector('.seat-grid'), { attributes: true, childList: true, subtree: true });
`;
const changes = (page: Page) => page.evaluate<Record<string, number>>('changedAtMs');

/** What large houses cost a phone, and what following them costs the services. */
export function seatMapJourney(t: Test, { stack, newPage }: ServedPage): void {
  t.test('a thousand seats are zoomed and scrolled within a frame', async (t) => {
    const hall = await publishEvent(stack, { sections: house(1) });
    for (const [look, reducedMotion] of [
      ['desktop-light-en', 'no-preference'],
      ['phone-dark-ko', 'reduce'],
    ] as const) {
      const page = await newPage({ ...looks[look], reducedMotion });
      const seats = page.locator('.seat-grid .seat');
      await openEvent(page, hall, `dana-${look}`);
      await page.locator('.sale-panel .button-large').click();
      await seats.first().waitFor();
      t.equal(await seats.count(), 1000, 'a thousand seats at once');
      const measured = await measureFrames(page, phoneSlowdown);
      t.comment(`1,000 seats, ${look}: ${JSON.stringify(measured)}`);
      t.equal(measured.transitions, 0, 'no seat begins a transition of its own');
      // What a busy machine adds to CPU time is a share of it; this is several times what was measured.
      t.ok(measured.cpuPerFrame < frameMs, `${measured.cpuPerFrame.toFixed(1)} ms of main thread a frame`);
      await page.context().close();
    }
  });

  t.test('a seat somebody takes is shown so within two seconds, by few questions', async (t) => {
    const hall = await publishEvent(stack, { sections: house(1) });
    const page = await newPage(looks['phone-dark-ko']);
    await openEvent(page, hall, 'dana');
    await page.locator('.sale-panel .button-large').click();
    await page.locator('.seat-grid .seat').first().waitFor();

    const other = await otherBuyer(stack.url, hall, 'erik');
    const asked = seatsAsked(page);
    await page.evaluate(noteChanges);
    const elapsedMs: number[] = [];
    for (const [row, column] of [
      [2, 6],
      [2, 7],
      [8, 0],
    ] as const) {
      await other.hold([`R${row + 1}C${column + 1}`]);
      const heldAtMs = Date.now();
      await seat(page, 0, row, column).and(page.locator('.seat-taken')).waitFor();
      const shownAtMs = (await changes(page))[`${row}.${column}`]!;
      const questions = asked.filter(({ atMs }) => atMs >= heldAtMs && atMs <= shownAtMs).length;
      elapsedMs.push(shownAtMs - heldAtMs);
      t.comment(`a held seat was shown after ${shownAtMs - heldAtMs} ms and ${questions} questions`);
      t.ok(questions <= 1 + (shownAtMs - heldAtMs) / 700, 'asked no more often than every 0.8 s');
    }
    // The one in the middle: of three, one may meet a machine that was busy with something else.
    const [, middleMs = Number.NaN] = elapsedMs.sort((one, another) => one - another);
    t.ok(middleMs <= shownWithinMs + slackMs, `shown after ${elapsedMs.join(', ')} ms`);
    t.same(
      Object.keys(await changes(page)).sort(),
      ['2.6', '2.7', '8.0'],
      'of the others none was drawn again',
    );

    const before = asked.length;
    const deadline = performance.now() + patienceMs;
    while (asked.length < before + 5 && performance.now() < deadline) await page.waitForTimeout(100);
    const quiet = asked.slice(before + 1);
    t.same([...new Set(quiet.map(({ status }) => status))], [304], 'while nothing changes nothing is sent');
    const gapsMs = quiet.slice(1).map(({ atMs }, index) => atMs - quiet[index]!.atMs);
    t.ok(Math.min(...gapsMs) > 700, `and asked every 0.8 s: ${gapsMs.map(Math.round).join(', ')} ms`);
  });

  t.test('fifty thousand seats are sections first', async (t) => {
    const stadium = await publishEvent(stack, { sections: house(50) });
    const page = await newPage(looks['phone-dark-ko']);
    const seats = page.locator('.seat-grid .seat');
    await openEvent(page, stadium, 'dana');
    await page.locator('.sale-panel .button-large').click();
    await page.locator('.section-card').nth(49).waitFor();
    t.equal(await seats.count(), 0);
    await page.locator('.section-card').nth(2).click();
    await seats.first().waitFor();
    t.equal(await seats.count(), 1000, 'and then the seats of one of them');
  });
}
