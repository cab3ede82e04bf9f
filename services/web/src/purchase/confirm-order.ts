import type { SaleClient } from '../api/sale-client.ts';
import { type Connection, persistAsk } from './persist-ask.ts';
import type { Purchase, PurchaseEvent } from './purchase.ts';
import { wait } from './wait.ts';

export interface ConfirmWork {
  readonly client: Pick<SaleClient, 'commit' | 'orderStatus'>;
  readonly eventId: string;
  readonly purchase: Extract<Purchase, { phase: 'confirming' }>;
  readonly signal: AbortSignal;
  readonly apply: (event: PurchaseEvent) => void;
  readonly onConnection: (connection: Connection) => void;
}

const firstPollMs = 300;
const longestPollMs = 3000;

/** Commits the paid order and follows it to its end; repeating it, in another tab or after a refresh, changes nothing. */
export async function confirmOrder(work: ConfirmWork): Promise<void> {
  const { client, eventId, purchase, signal, apply, onConnection } = work;
  const { payment, hold } = purchase;
  const order = { intentId: payment.intentId ?? '', eventId, seatIds: hold.seatIds };
  await persistAsk(() => client.commit(order, payment.commitKey, signal), signal, onConnection);
  for (let pollMs = firstPollMs; ; pollMs = Math.min(longestPollMs, pollMs * 1.5)) {
    const ask = () => client.orderStatus(payment.commitKey, signal);
    const answer = await persistAsk(ask, signal, onConnection);
    const decided = answer.outcome === 'ok' ? answer.body.order : null;
    if (decided && decided.status !== 'PROCESSING') return apply({ type: 'order-decided', order: decided });
    await wait(pollMs, signal);
  }
}
