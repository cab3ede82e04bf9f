import type { EventDefinition } from '@onsale/contracts/sale/event-definition';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import t from 'tap';
import { FakeSeatHolds } from '../seat-holds-stub.ts';
import { priceSeats } from './price-seats.ts';

const minute = 60_000;

async function saleOf(nowMs: number, heldIn: readonly SaleId[]): Promise<string | undefined> {
  const sections = [{ id: 'A', rows: 1, seatsPerRow: 4, priceMinor: 500 }];
  const event: EventDefinition = {
    eventId: 'practice',
    title: 'Practice',
    homeRegion: 'local',
    currency: 'KRW',
    startsAtMs: 1e12,
    timeZone: 'Asia/Seoul',
    sale: { kind: 'windows', everyMs: minute, openForMs: 50_000 },
    sections,
    generalAdmission: undefined,
    perBuyer: 4,
    holdTtlMs: 30_000,
    waitingRoom: { opensBeforeMs: 1000, ratePerSecond: 1, maxActive: 1 },
    suspend: false,
  };
  const published = { event, seatMap: new SeatMap(sections), number: 1 };
  const catalogue = { find: async () => published, list: async () => [published] };
  const seats = new FakeSeatHolds();
  for (const saleId of heldIn) seats.hold(saleId, 'ann', ['R1C1', 'R1C2']);
  const request = { userId: 'ann', eventId: 'practice', seatIds: ['R1C1', 'R1C2'] };
  const priced = await priceSeats(catalogue, seats, request, nowMs);
  return priced.outcome === 'priced' ? `${priced.saleId} ${priced.amountMinor}` : undefined;
}

t.test('seats held late in a practice round are paid for in it, also once the next has opened', async (t) => {
  const opened = 100 * minute;
  t.equal(await saleOf(opened + 5000, ['practice.99']), 'practice.99 1000');
  t.equal(await saleOf(opened + 5000, ['practice.100']), 'practice.100 1000');
  t.equal(
    await saleOf(opened + 5000, ['practice.99', 'practice.100']),
    'practice.100 1000',
    'of both the latest',
  );
  t.equal(await saleOf(opened + 5000, []), 'practice.100 1000', 'no hold is required');
  t.equal(
    await saleOf(opened + 20_000, ['practice.99']),
    'practice.100 1000',
    'none of it can live any more',
  );
});
