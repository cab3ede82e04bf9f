import { awaitBuyer, payAtSimulator } from '../api/payment-simulator.ts';
import { type Connection, persistAsk } from './persist-ask.ts';
import type { Purchase, PurchaseEvent } from './purchase.ts';
import type { PurchaseDeps } from './purchase-store.ts';
import { wait } from './wait.ts';

export interface PaymentWork
  extends Pick<PurchaseDeps, 'eventId' | 'userId' | 'client' | 'clock' | 'payment'> {
  readonly purchase: Extract<Purchase, { phase: 'paying' }>;
  readonly signal: AbortSignal;
  readonly apply: (event: PurchaseEvent) => void;
  readonly onConnection: (connection: Connection) => void;
}

const pollMs = 500;
/** The provider hears of a payment right after the intent is made. */
const providerPollMs = 150;
/** A capture at the last moment still counts: the services commit it themselves while the seats are held. */
const afterLapseMs = 3000;

/** Opens the payment, lets the buyer pay, and waits for what the provider reports. Rejects when aborted. */
export async function settlePayment(work: PaymentWork): Promise<void> {
  const { eventId, userId, client, clock, payment: kind, purchase, signal, apply, onConnection } = work;
  const { hold, payment } = purchase;
  const ask = <Body>(request: Parameters<typeof persistAsk<Body>>[0]) =>
    persistAsk(request, signal, onConnection);
  let { intentId } = payment;

  if (intentId === null) {
    if (kind === 'simulator') await ask(() => awaitBuyer(userId, signal));
    const opened = await ask(() => client.openIntent(eventId, hold.seatIds, payment.intentKey, signal));
    if (opened.outcome !== 'ok') {
      const notice = opened.outcome === 'refused' ? opened.code : 'internal_error';
      apply({ type: 'payment-refused', notice });
      return;
    }
    intentId = opened.body.intentId;
    apply({ type: 'intent-opened', intentId, amountMinor: opened.body.amount });
  }
  if (!payment.submitted) {
    if (kind === 'simulator') {
      for (;;) {
        const paid = await ask(() => payAtSimulator(intentId, payment.card, signal));
        if (paid.outcome === 'ok') break;
        await wait(providerPollMs, signal);
      }
    } else if (kind.url !== '') {
      apply({ type: 'payment-submitted' });
      location.assign(kind.url.replace('{intentId}', encodeURIComponent(intentId)));
    }
    apply({ type: 'payment-submitted' });
  }
  for (;;) {
    const read = await ask(() => client.intent(intentId, signal));
    const status = read.outcome === 'ok' ? read.body.payment.status : 'PENDING';
    if (status === 'CAPTURED') return apply({ type: 'payment-captured' });
    if (status === 'FAILED') return apply({ type: 'payment-refused', notice: 'payment_declined' });
    if (clock.nowMs() > hold.expiresAtMs + afterLapseMs) return apply({ type: 'hold-lapsed' });
    await wait(pollMs, signal);
  }
}
