import type { RefundRecord, ReportData } from './report-data.ts';
import type { CheckResult } from './check-result.ts';

const ended = new Set(['CONFIRMED', 'REJECTED', 'CANCELLED']);
const sum = (records: readonly { readonly amountMinor: number }[]) =>
  records.reduce((total, record) => total + record.amountMinor, 0);
const refundsByPayment = (refunds: readonly RefundRecord[]) =>
  Map.groupBy(refunds, (refund) => refund.paymentId);

/** captured − refunded = price of live tickets, for each capture: sent or still due, what is no ticket goes back. */
export function checkCaptures({ orders, tickets, payments, refunds }: ReportData): CheckResult {
  const orderOf = new Map(orders.map((order) => [order.intentId, order]));
  const ticketsOf = Map.groupBy(tickets, (ticket) => ticket.orderId);
  const refundsOf = refundsByPayment(refunds);
  const differences: string[] = [];
  let underWay = 0;
  for (const { paymentId, intentId, amountMinor, pays } of payments) {
    const order = orderOf.get(intentId);
    if (pays && order && !ended.has(order.status)) {
      underWay++;
      continue;
    }
    const live = (pays && order ? (ticketsOf.get(order.orderId) ?? []) : [])
      .filter((ticket) => ticket.status === 'VALID')
      .reduce((total, ticket) => total + ticket.priceMinor, 0);
    const back = sum(refundsOf.get(paymentId) ?? []);
    if (amountMinor !== live + back) {
      differences.push(
        `payment ${paymentId}: captured ${amountMinor}, live tickets ${live}, refunds ${back}`,
      );
    }
  }
  const rest = underWay === 0 ? '' : `, ${underWay} of orders under way`;
  return { looked: `${payments.length} captures${rest}`, differences };
}

/** Money goes back to where it came from, and no more than came. */
export function checkRefunds({ payments, refunds }: ReportData): CheckResult {
  const captured = new Map(payments.map((payment) => [payment.paymentId, payment.amountMinor]));
  const differences: string[] = [];
  for (const [paymentId, own] of refundsByPayment(refunds)) {
    const amountMinor = captured.get(paymentId);
    if (amountMinor === undefined) differences.push(`refunds of a payment ${paymentId} that is not there`);
    else if (sum(own) > amountMinor) {
      differences.push(`payment ${paymentId}: captured ${amountMinor}, refunds ${sum(own)}`);
    }
  }
  return { looked: `${refunds.length} refunds`, differences };
}

/** An order is paid by one capture of just its price; a confirmed one is paid. */
export function checkAmounts({ orders, payments }: ReportData): CheckResult {
  const paying = Map.groupBy(
    payments.filter((payment) => payment.pays),
    (payment) => payment.intentId,
  );
  const differences: string[] = [];
  let looked = 0;
  for (const { orderId, intentId, status, amountMinor } of orders) {
    const own = paying.get(intentId) ?? [];
    const wasConfirmed = status === 'CONFIRMED' || status === 'CANCELLED';
    if (own.length === 0 && !wasConfirmed) continue;
    looked++;
    if (own.length !== 1) differences.push(`order ${orderId} is ${status} and has ${own.length} payments`);
    else if (sum(own) !== amountMinor)
      differences.push(`order ${orderId} is ${amountMinor}, paid was ${sum(own)}`);
  }
  return { looked: `${looked} paid orders`, differences };
}
