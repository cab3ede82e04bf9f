import { exchangesOf, type Exchange } from '../history.ts';
import type { SeatedSale, World } from './world.ts';
import { at, span, type Violation } from './violation.ts';

const clockDoubtMs = 50;

/** Nobody has more seats than one buyer may, at any instant; no hold outside the sale's window or longer than holds last. */
export function checkBuyers(exchanges: readonly Exchange[], world: World): Violation[] {
  return world.sales.flatMap((sale) => [
    ...checkCaps(exchanges, world, sale),
    ...checkWindow(exchanges, sale),
  ]);
}

interface Claim {
  readonly what: string;
  readonly seatId: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

function checkCaps(exchanges: readonly Exchange[], world: World, sale: SeatedSale): Violation[] {
  const violations: Violation[] = [];
  for (const [buyer, claims] of Map.groupBy(certainClaims(exchanges, world, sale), ([userId]) => userId)) {
    const own = claims.map(([, claim]) => claim);
    for (const { fromMs } of own) {
      const live = own.filter((claim) => claim.fromMs <= fromMs && claim.untilMs > fromMs);
      const seats = new Set(live.map(({ seatId }) => seatId));
      if (seats.size <= sale.perBuyer) continue;
      violations.push({
        invariant: 10,
        message: `${sale.saleId}: at ${at(fromMs)} ${buyer} had ${seats.size} seats, one buyer may have ${sale.perBuyer}: ${live.map(({ what }) => what).join(', ')}`,
      });
      break;
    }
  }
  return violations;
}

/** What a buyer had beyond doubt: from the answer on, until the first instant something may have ended it. */
function certainClaims(
  exchanges: readonly Exchange[],
  world: World,
  sale: SeatedSale,
): [userId: string, claim: Claim][] {
  const claims: [string, Claim][] = [];
  const orders = new Map(world.orders.map((order) => [order.orderId, order]));
  for (const ticket of world.tickets) {
    const order = orders.get(ticket.orderId);
    if (ticket.saleId !== sale.saleId || !order) continue;
    const { seatId, issuedAtMs: fromMs } = ticket;
    const untilMs = ticket.cancelledAtMs ?? Number.POSITIVE_INFINITY;
    claims.push([order.userId, { what: `${seatId} by order ${order.orderId}`, seatId, fromMs, untilMs }]);
  }
  const rejected = world.orders.filter(({ status, alone }) => status === 'REJECTED' && !alone);
  const releases = exchangesOf(exchanges, 'release');
  for (const { asked, answer, endMs } of exchangesOf(exchanges, 'hold')) {
    if (asked.eventId !== sale.eventId || answer.status !== 200) continue;
    const { holdId, expiresAt, seatIds } = answer.body as {
      holdId: string;
      expiresAt: string;
      seatIds: string[];
    };
    for (const seatId of seatIds) {
      const ends = [
        Date.parse(expiresAt) - clockDoubtMs,
        ...releases
          .filter((one) => one.asked.userId === asked.userId && one.asked.seatIds.includes(seatId))
          .filter((one) => one.endMs > endMs)
          .map((one) => one.startMs),
        ...rejected
          .filter((order) => order.userId === asked.userId && order.seatIds.includes(seatId))
          .map((order) => order.createdAtMs - clockDoubtMs),
      ];
      claims.push([
        asked.userId,
        { what: `${seatId} by hold ${holdId}`, seatId, fromMs: endMs, untilMs: Math.min(...ends) },
      ]);
    }
  }
  return claims;
}

function checkWindow(exchanges: readonly Exchange[], sale: SeatedSale): Violation[] {
  const violations: Violation[] = [];
  for (const { asked, answer, startMs, endMs } of exchangesOf(exchanges, 'hold')) {
    if (asked.eventId !== sale.eventId || answer.status !== 200) continue;
    const who = `${sale.saleId}: ${asked.userId} was given hold ${String(answer.body['holdId'])} (${span(startMs, endMs)})`;
    if (endMs < sale.opensAtMs - clockDoubtMs || startMs > sale.closesAtMs + clockDoubtMs) {
      violations.push({
        invariant: 10,
        message: `${who}, the sale is open ${span(sale.opensAtMs, sale.closesAtMs)}`,
      });
    }
    const expiresAtMs = Date.parse(String(answer.body['expiresAt']));
    if (
      expiresAtMs > endMs + sale.holdTtlMs + clockDoubtMs ||
      expiresAtMs < startMs + sale.holdTtlMs - clockDoubtMs
    ) {
      violations.push({
        invariant: 10,
        message: `${who} until ${at(expiresAtMs)}, holds last ${sale.holdTtlMs} ms`,
      });
    }
    const got = (answer.body['seatIds'] as string[]).toSorted().join();
    const isAsked = asked.seatIds
      ? got === asked.seatIds.toSorted().join()
      : (answer.body['seatIds'] as string[]).length === asked.seatCount;
    if (!isAsked) {
      violations.push({ invariant: 2, message: `${who} of ${got}, which is not all that was asked for` });
    }
  }
  return violations;
}
