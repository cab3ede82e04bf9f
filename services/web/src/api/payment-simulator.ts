import type { Answer } from './answer.ts';
import { send } from './send.ts';

/** How the buyer's card does: the local runner's provider plays along. */
export type Card = 'success' | 'failure';

const base = '/local/payment-provider';

/** Lets this buyer's payments wait until the buyer pays. */
export function awaitBuyer(userId: string, signal: AbortSignal): Promise<Answer<unknown>> {
  return send(`${base}/customers/${encodeURIComponent(userId)}/behaviour`, {
    method: 'PUT',
    body: { behaviour: 'manual' },
    signal,
  });
}

/** What the buyer does on the provider's page; `not_found` until the provider has heard of the payment. */
export function payAtSimulator(intentId: string, card: Card, signal: AbortSignal): Promise<Answer<unknown>> {
  return send(`${base}/payments/${encodeURIComponent(intentId)}/pay`, {
    method: 'POST',
    body: { behaviour: card },
    signal,
  });
}
