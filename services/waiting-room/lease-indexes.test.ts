import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { SaleWindow } from '@onsale/contracts/sale/sale-window';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import t from 'tap';
import { leaseIndexes } from './lease-indexes.ts';
import { createRoomMetrics } from './room-metrics.ts';
import type { RoomRows } from './room-rows.ts';
import type { RoomStore } from './room-store.ts';
import { SaleRoom } from './sale-room.ts';

/** A counter that goes on by so many places while PostgreSQL writes, as it does with the serving number in an idle sale. */
function idleSale(whileWriting: () => number) {
  let first = 1_000_000;
  let reserved = first;
  const saleId = 'event-0001.0' as SaleId;
  const sale: SaleWindow = { saleId, round: 0, roomOpensAtMs: 0, opensAtMs: 0, closesAtMs: 1 };
  const store = {
    lease: async (_saleId, count) => {
      if (first + count > reserved) return { outcome: 'unreserved', first, generation: 1 };
      const leased = { first, generation: 1, givenBeforeMs: 0, left: reserved - first - count };
      first += count;
      return { outcome: 'leased', ...leased };
    },
    reserve: async (_saleId, _generation, end) => {
      reserved = end;
      return true;
    },
  } satisfies Partial<RoomStore>;
  const rows = {
    reserve: async (_saleId, _generation, end) => {
      first += whileWriting();
      return end;
    },
  } satisfies Partial<RoomRows>;
  const room = new SaleRoom({} as PublishedEvent, sale, {
    clock: { nowMs: () => 0 },
    lease: () => Promise.reject(new Error('not asked for')),
  });
  const deps = {
    store: store as unknown as RoomStore,
    rows: rows as unknown as RoomRows,
    metrics: createRoomMetrics(new Registry()),
    logger: pino({ enabled: false }),
  };
  return { lease: (count: number) => leaseIndexes(room, count, deps), reservedAhead: () => reserved - first };
}

t.test(
  'an idle sale whose counter outruns a stride while it is reserved is entered all the same',
  async (t) => {
    for (const places of [0, 99, 150, 5000, 100_000]) {
      const { lease, reservedAhead } = idleSale(() => places);
      t.match(await lease(1), { first: Number });
      t.ok(reservedAhead() <= 100 + 2 * places, `${reservedAhead()} stay reserved: no more than was needed`);
    }
  },
);

t.test('a PostgreSQL that gets slower and slower is caught up with', async (t) => {
  let places = 200;
  const { lease } = idleSale(() => (places *= 1.8));
  t.match(await lease(1), { first: Number });
});
