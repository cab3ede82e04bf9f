import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDraw, seedHashOf } from '@onsale/waiting-room/draw';
import t from 'tap';
import type { ReportData, SaleFacts } from './report-data.ts';
import { seatReport, type SeatReport } from './report-document.ts';
import { readReport, writeReport } from './report-files.ts';
import { verifyReport } from './verify-report.ts';

const opensAtMs = Date.parse('2027-01-01T10:00:00Z');
const seed = 'a1'.repeat(32);
const draw = createDraw({ seed, cohort: 20, beacon: undefined });

const facts: SaleFacts = {
  eventId: 'event-0001',
  saleId: 'event-0001.0',
  title: 'Harbour <Lights>',
  currency: 'KRW',
  opensAtMs,
  closesAtMs: opensAtMs + 3_600_000,
  createdAtMs: opensAtMs + 600_000,
  cancellation: null,
  draw: { seedHash: seedHashOf(seed), seed, cohort: 20, beacon: null },
  serving: [{ base: 0, since: opensAtMs, rate: 0.1 }],
  entered: 25,
};

/** Twenty drawn and five later; who is served among the first ten buys, the first of them gives a ticket back. */
function saleData(): ReportData {
  const places = Array.from({ length: 25 }, (_, joinIndex) => ({
    joinIndex,
    place: draw.placeOf(joinIndex),
    buyer: `buyer-${joinIndex}`,
    takenAtMs: opensAtMs - 60_000 + joinIndex * 1000,
  }));
  const buyers = places.filter(({ place }) => place < 10).sort((one, other) => one.place - other.place);
  const at = (place: number) => opensAtMs + place * 10_000 + 5000;
  return {
    places,
    orders: buyers.map(({ buyer, place }) => ({
      orderId: `ord-${place}`,
      intentId: `pi-${place}`,
      buyer,
      status: place === 9 ? 'REJECTED' : place === 0 ? 'CANCELLED' : 'CONFIRMED',
      reason: place === 9 ? 'hold_expired' : null,
      seatIds: [`R1C${place + 1}`],
      amountMinor: 1000,
      createdAtMs: at(place),
    })),
    tickets: buyers.slice(0, 9).map(({ place }) => ({
      ticketId: `tkt-${place}`,
      orderId: `ord-${place}`,
      seatId: `R1C${place + 1}`,
      priceMinor: 1000,
      status: place === 0 ? 'CANCELLED' : 'VALID',
      issuedAtMs: at(place),
      cancelledAtMs: place === 0 ? at(20) : null,
      enteredAtMs: null,
    })),
    payments: buyers.map(({ place }) => ({
      paymentId: `pay-${place}`,
      intentId: `pi-${place}`,
      amountMinor: 1000,
      pays: place !== 9,
      capturedAtMs: at(place),
    })),
    refunds: [0, 9].map((place) => ({
      refundId: `rf-${place}`,
      paymentId: `pay-${place}`,
      amountMinor: 1000,
      reason: place === 0 ? 'cancelled_by_buyer' : 'hold_expired',
      refundedAtMs: place === 0 ? at(21) : null,
    })),
  };
}

async function reportOf(data: ReportData, sale: SaleFacts = facts): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'onsale-report-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  await writeReport(dir, seatReport(sale, data));
  return dir;
}

/** The names of the checks that failed. */
async function failed(dir: string): Promise<string[]> {
  return verifyReport(await readReport(dir)).flatMap(({ name, differences }) =>
    differences.length > 0 ? [name] : [],
  );
}

t.test('a report of a sale that kept its word holds', async (t) => {
  const dir = await reportOf(saleData());
  const { document } = await readReport(dir);
  const html = await readFile(join(dir, 'report.html'), 'utf8');
  t.same(await failed(dir), []);
  t.match(document.totals, {
    servingNumber: 60,
    admitted: 25,
    orders: { CONFIRMED: 8, CANCELLED: 1, REJECTED: 1 },
    capturedMinor: 10_000,
    refundedMinor: 1000,
    refundsDueMinor: 1000,
    validTicketsMinor: 8000,
  });
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const { series } = document as SeatReport;
  t.same(
    [series.entered, series.admitted, series.sold].map(sum),
    [25, 25, 9],
    'every one is somewhere in time',
  );
  t.match(html, 'Harbour &lt;Lights&gt;');
  t.notMatch(html, /<script|https?:\/\//, 'and the page loads nothing');
});

t.test('a sale that is not drawn yet, or empty, has a report too', async (t) => {
  const undrawn = { ...facts, draw: { ...facts.draw, seed: null, cohort: null }, serving: [] };
  const { places } = saleData();
  const early = places.map((place) => ({ ...place, place: place.joinIndex }));
  const nothing = { places: [], orders: [], tickets: [], payments: [], refunds: [] };
  t.same(await failed(await reportOf({ ...nothing, places: early }, undrawn)), []);
  t.same(await failed(await reportOf(nothing)), []);
});

t.test('a byte changed in any file is found', async (t) => {
  for (const file of ['places', 'orders', 'tickets', 'payments', 'refunds'].map(
    (name) => `data/${name}.ndjson`,
  )) {
    const dir = await reportOf(saleData());
    const text = await readFile(join(dir, file), 'utf8');
    await writeFile(
      join(dir, file),
      text.replace(/AtMs":(\d)/, (_, digit) => `AtMs":${(Number(digit) + 1) % 10}`),
    );
    t.ok((await failed(dir)).includes('files are as they were written'), file);
  }
  const spaced = await reportOf(saleData());
  await appendFile(join(spaced, 'data/refunds.ndjson'), '\n');
  t.same(await failed(spaced), ['files are as they were written']);
  for (const file of ['report.json', 'report.html']) {
    const dir = await reportOf(saleData());
    await writeFile(join(dir, file), (await readFile(join(dir, file), 'utf8')).replace('Harbour', 'Harbor'));
    t.same(await failed(dir), ['files are as they were written'], file);
  }
  const broken = await reportOf(saleData());
  await appendFile(join(broken, 'data/orders.ndjson'), '{"orderId":');
  await t.rejects(readReport(broken), /data\/orders\.ndjson, line 11 is not JSON/);
});

t.test('who forges a record and writes the whole report anew is found by what the records say', async (t) => {
  type Forgery = readonly [what: string, check: string, forge: (data: ReportData) => Partial<ReportData>];
  const forgeries: Forgery[] = [
    [
      'two buyers swap their places',
      'every place follows from the seed',
      ({ places: [one, other, ...rest] }) => ({
        places: [{ ...one!, place: other!.place }, { ...other!, place: one!.place }, ...rest],
      }),
    ],
    [
      'a buyer has a second place',
      'nobody has two places, no place two buyers',
      ({ places }) => ({
        places: [...places, { ...places[0]!, joinIndex: 30, place: 30 }],
      }),
    ],
    [
      'somebody from far behind has a ticket',
      'who has tickets was admitted',
      ({ places, orders }) => ({
        places: [...places, { joinIndex: 90, place: 90, buyer: 'friend', takenAtMs: opensAtMs }],
        orders: orders.map((order) => (order.orderId === 'ord-3' ? { ...order, buyer: 'friend' } : order)),
      }),
    ],
    [
      'a seat is sold twice',
      'no seat has two live tickets',
      ({ orders, tickets }) => ({
        orders: orders.map((order) => (order.orderId === 'ord-2' ? { ...order, seatIds: ['R1C2'] } : order)),
        tickets: tickets.map((one) => (one.ticketId === 'tkt-2' ? { ...one, seatId: 'R1C2' } : one)),
      }),
    ],
    [
      'a ticket is gone',
      'orders and tickets agree',
      ({ tickets }) => ({ tickets: tickets.filter(({ ticketId }) => ticketId !== 'tkt-4') }),
    ],
    [
      'a rejected order has a ticket',
      'orders and tickets agree',
      ({ tickets }) => ({
        tickets: [...tickets, { ...tickets[1]!, ticketId: 'tkt-9', orderId: 'ord-9', seatId: 'R1C10' }],
      }),
    ],
    [
      'a refund is gone',
      'every capture is a ticket or a refund',
      ({ refunds }) => ({ refunds: refunds.slice(1) }),
    ],
    [
      'a capture is hidden',
      'what was paid is what was priced',
      ({ payments }) => ({ payments: payments.filter(({ paymentId }) => paymentId !== 'pay-5') }),
    ],
    [
      'more goes back than came',
      'no refund exceeds its capture',
      ({ refunds }) => ({ refunds: [...refunds, { ...refunds[0]!, refundId: 'rf-x', amountMinor: 1 }] }),
    ],
    [
      'an order was cheaper than what was paid',
      'what was paid is what was priced',
      ({ orders }) => ({
        orders: orders.map((order) => (order.orderId === 'ord-6' ? { ...order, amountMinor: 900 } : order)),
      }),
    ],
  ];
  for (const [what, check, forge] of forgeries) {
    const data = saleData();
    const names = await failed(await reportOf({ ...data, ...forge(data) }));
    t.ok(names.includes(check), `${what}: ${names.join(', ')}`);
    t.notOk(names.includes('files are as they were written'));
  }
  const otherSeed = { ...facts, draw: { ...facts.draw, seed: 'b2'.repeat(32) } };
  t.ok((await failed(await reportOf(saleData(), otherSeed))).includes('the seed is the one committed to'));
});

t.test('sums that are not those of the data are named', async (t) => {
  const report = await readReport(await reportOf(saleData()));
  if (report.kind !== 'seats') throw new Error('it was written as one of seats');
  const totals = { ...report.document.totals, capturedMinor: 1 };
  const checks = verifyReport({ ...report, document: { ...report.document, totals } });
  t.match(checks.find(({ name }) => name === 'sums are those of the data')?.differences, [
    'capturedMinor: report.json says 1, the data 10000',
  ]);
});
