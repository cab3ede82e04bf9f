import type { World } from './world.ts';
import type { Violation } from './violation.ts';

/** What was captured and not given back is what the live tickets cost: for each intent, by the provider's own ledger. */
export function checkMoney({ ledger, tickets, orders, intents, captures, refunds }: World): Violation[] {
  const violations: Violation[] = [];
  const wrong = (message: string) => violations.push({ invariant: 5, message });
  const taken = ledger.filter((entry) => entry.kind === 'capture');
  const given = Map.groupBy(
    ledger.filter((entry) => entry.kind === 'refund'),
    ({ paymentId }) => paymentId,
  );
  const known = new Map(captures.map((capture) => [capture.paymentId, capture]));
  const priced = new Map(intents.map((intent) => [intent.intentId, intent]));
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

  for (const capture of taken) {
    if (!known.has(capture.paymentId)) {
      wrong(`payment ${capture.paymentId} took ${capture.amount}, and PostgreSQL has not heard of it`);
    }
    if (!priced.has(capture.intentId)) {
      wrong(`payment ${capture.paymentId} is for intent ${capture.intentId}, which PostgreSQL has lost`);
    }
  }
  const refundRows = Map.groupBy(refunds, ({ paymentId }) => paymentId);
  for (const { paymentId } of captures) {
    const byRows = sum((refundRows.get(paymentId) ?? []).map(({ amountMinor }) => amountMinor));
    const byLedger = sum((given.get(paymentId) ?? []).map(({ amount }) => amount));
    if (byRows !== byLedger) {
      wrong(`payment ${paymentId}: ${byRows} should have gone back, ${byLedger} has`);
    }
  }
  const orderOf = new Map(orders.filter(({ alone }) => !alone).map((order) => [order.intentId, order]));
  const ticketsOf = Map.groupBy(tickets, ({ orderId }) => orderId);
  for (const [intentId, own] of Map.groupBy(taken, (capture) => capture.intentId)) {
    const captured = sum(own.map(({ amount }) => amount));
    const refunded = sum(
      own.flatMap(({ paymentId }) => (given.get(paymentId) ?? []).map((entry) => entry.amount)),
    );
    const order = orderOf.get(intentId);
    const live = (order ? (ticketsOf.get(order.orderId) ?? []) : []).filter(
      ({ status }) => status === 'VALID',
    );
    const worth = sum(live.map(({ priceMinor }) => priceMinor));
    if (captured - refunded !== worth) {
      wrong(
        `intent ${intentId} (order ${order?.orderId ?? 'none'} ${order?.status ?? ''}): captured ${captured} by ${own.length} payments, refunded ${refunded}, live tickets cost ${worth}`,
      );
    }
  }
  for (const order of orders) {
    if (
      order.status === 'CONFIRMED' &&
      !captures.some((one) => one.pays && one.intentId === order.intentId)
    ) {
      wrong(`order ${order.orderId} is CONFIRMED, and no capture pays for it`);
    }
  }
  return violations;
}
