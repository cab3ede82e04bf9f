import { exchangesOf, type Exchange } from '../history.ts';
import type { StockSale, World } from './world.ts';
import { span, type Violation } from './violation.ts';

/** Unseated tickets: never more than there are, no buyer above the limit, nobody turned away while enough are left. */
export function checkStock(exchanges: readonly Exchange[], world: World): Violation[] {
  return world.stockSales.flatMap((sale) => [
    ...checkRows(sale, world),
    ...checkReserved(exchanges, sale, world),
    ...checkRefusals(exchanges, sale, world),
  ]);
}

function checkRows(sale: StockSale, world: World): Violation[] {
  const violations: Violation[] = [];
  const confirmed = world.reservations.filter(
    ({ saleId, status }) => saleId === sale.saleId && status === 'CONFIRMED',
  );
  const total = confirmed.reduce((sum, { quantity }) => sum + quantity, 0);
  const sold = world.stock.find(({ saleId }) => saleId === sale.saleId)?.sold ?? 0;
  if (total > sale.capacity) {
    violations.push({
      invariant: 2,
      message: `${sale.saleId}: ${total} tickets of ${sale.capacity} are sold`,
    });
  }
  if (sold !== total) {
    violations.push({
      invariant: 2,
      message: `${sale.saleId}: the stock counts ${sold} sold, its reservations are ${total}`,
    });
  }
  for (const [userId, own] of Map.groupBy(confirmed, (row) => row.userId)) {
    const has = own.reduce((sum, { quantity }) => sum + quantity, 0);
    if (has > sale.perBuyer) {
      violations.push({
        invariant: 10,
        message: `${sale.saleId}: ${userId} has ${has} tickets, one buyer may have ${sale.perBuyer}`,
      });
    }
  }
  return violations;
}

function checkReserved(exchanges: readonly Exchange[], sale: StockSale, world: World): Violation[] {
  const rows = new Map(world.reservations.map((row) => [row.key, row]));
  const violations: Violation[] = [];
  for (const { asked, answer, startMs, endMs } of exchangesOf(exchanges, 'reserve')) {
    if (asked.eventId !== sale.eventId || (answer.status !== 201 && answer.status !== 200)) continue;
    const row = rows.get(asked.key);
    if (row?.quantity === asked.quantity && row.userId === asked.userId) continue;
    violations.push({
      invariant: 2,
      message: `${sale.saleId}: ${asked.userId} was told of ${asked.quantity} tickets (${span(startMs, endMs)}, key ${asked.key}), PostgreSQL has ${row ? `${row.quantity} of ${row.userId}` : 'none'}`,
    });
  }
  return violations;
}

function checkRefusals(exchanges: readonly Exchange[], sale: StockSale, world: World): Violation[] {
  const asked = exchangesOf(exchanges, 'reserve').filter((one) => one.asked.eventId === sale.eventId);
  const cancels = exchangesOf(exchanges, 'cancel-reservation');
  const taken = world.reservations
    .filter(({ saleId }) => saleId === sale.saleId)
    .map((row) => ({
      quantity: row.quantity,
      fromMs: Math.min(...asked.filter((one) => one.asked.key === row.key).map((one) => one.startMs)),
      untilMs:
        row.status === 'CONFIRMED'
          ? Number.POSITIVE_INFINITY
          : lastOrNever(cancels.filter((one) => one.asked.reservationId === row.id)),
    }));
  return asked.flatMap(({ asked: { userId, quantity }, answer, startMs, endMs }): Violation[] => {
    if (typeof answer.status !== 'number' || answer.body['error'] !== 'sold_out') return [];
    const mostTaken = taken
      .filter(({ fromMs, untilMs }) => fromMs <= endMs && untilMs >= startMs)
      .reduce((sum, row) => sum + row.quantity, 0);
    if (mostTaken + quantity > sale.capacity) return [];
    return [
      {
        invariant: 2,
        message: `${sale.saleId}: ${userId} was refused ${quantity} tickets (${span(startMs, endMs)}), but at most ${mostTaken} of ${sale.capacity} were taken then`,
      },
    ];
  });
}

/** A cancellation nobody was told the end of may be carried out any time later. */
function lastOrNever(cancels: readonly Exchange[]): number {
  const isTold = cancels.length > 0 && cancels.every(({ answer }) => answer.status === 200);
  return isTold ? Math.max(...cancels.map(({ endMs }) => endMs)) : Number.POSITIVE_INFINITY;
}
