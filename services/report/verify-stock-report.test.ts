import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { stockReport } from './report-document.ts';
import { readReport, writeReport } from './report-files.ts';
import type { ReservationRecord, StockFacts } from './stock-data.ts';
import { verifyReport } from './verify-report.ts';

const opensAtMs = Date.parse('2027-01-01T10:00:00Z');
const facts: StockFacts = {
  eventId: 'ga-0001',
  saleId: 'ga-0001.0',
  title: 'Open <Air>',
  currency: 'KRW',
  opensAtMs,
  closesAtMs: opensAtMs + 3_600_000,
  createdAtMs: opensAtMs + 600_000,
  cancellation: null,
  capacity: 10,
  perBuyer: 4,
  priceMinor: 55_000,
  stockSold: 9,
};

/** Three buyers of three; a fourth gave three back. */
const reservations = Array.from(
  { length: 4 },
  (_, id): ReservationRecord => ({
    id,
    buyer: `buyer-${id}`,
    quantity: 3,
    status: id === 3 ? 'CANCELLED' : 'CONFIRMED',
    createdAtMs: opensAtMs + id * 1000,
    cancelledAtMs: id === 3 ? opensAtMs + 5000 : null,
  }),
);

async function stored(sale: StockFacts, records: readonly ReservationRecord[]) {
  const dir = await mkdtemp(join(tmpdir(), 'onsale-report-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  await writeReport(dir, stockReport(sale, { reservations: records }));
  return { report: await readReport(dir), html: await readFile(join(dir, 'report.html'), 'utf8') };
}

async function differences(sale: StockFacts, records: readonly ReservationRecord[]): Promise<string[]> {
  return verifyReport((await stored(sale, records)).report).flatMap((check) => check.differences);
}

t.test('a report of unseated tickets that were sold as promised holds', async (t) => {
  const { report, html } = await stored(facts, reservations);
  t.same(
    verifyReport(report).flatMap((check) => check.differences),
    [],
  );
  t.match(report.document, {
    totals: {
      reservationsConfirmed: 3,
      reservationsCancelled: 1,
      buyers: 3,
      ticketsSold: 9,
      ticketsGivenBack: 3,
      mostOfOneBuyer: 3,
      priceOfSoldMinor: 495_000,
    },
    series: { bucketMs: 1000, taken: [3, 3, 3, 3, 0, 0], givenBack: [0, 0, 0, 0, 0, 3] },
  });
  t.match(html, 'Open &lt;Air&gt;');
  t.same(await differences({ ...facts, stockSold: 0 }, []), [], 'nobody came');
});

t.test('what cannot be true of a stock is named', async (t) => {
  const [one, two, three, four] = reservations;
  t.same(await differences(facts, [one!, two!]), ['the stock counts 9 sold, the reservations 6']);
  t.same(await differences({ ...facts, capacity: 8 }, reservations), ['9 tickets of 8 are sold']);
  t.same(await differences(facts, [one!, two!, { ...three!, id: two!.id }]), [
    'reservation 1 is there twice',
  ]);
  t.same(await differences(facts, [one!, two!, { ...three!, buyer: two!.buyer }]), [
    'buyer buyer-1 has 6 tickets, the limit is 4',
  ]);
  t.same(await differences(facts, [one!, two!, three!, { ...four!, cancelledAtMs: null }]), [
    'reservation 3 is CANCELLED, given back never',
  ]);
  t.same(await differences(facts, [{ ...one!, createdAtMs: opensAtMs - 60_000 }, two!, three!]), [
    'reservation 0 was made 2027-01-01T09:59:00.000Z',
  ]);
});
