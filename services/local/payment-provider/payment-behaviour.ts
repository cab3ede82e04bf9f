import { Type } from 'typebox';

/**
 * What happens to a payment: `success` captures it, `failure` declines it, `late` captures it after a while, `duplicate`
 * reports the capture three times, `reordered` reports a failed first card after the capture that followed it, `twice`
 * captures it under two payment ids, `manual` waits for the buyer to pay.
 */
export const PaymentBehaviour = Type.Union([
  Type.Literal('success'),
  Type.Literal('failure'),
  Type.Literal('late'),
  Type.Literal('duplicate'),
  Type.Literal('reordered'),
  Type.Literal('twice'),
  Type.Literal('manual'),
]);

export type PaymentBehaviour = Type.Static<typeof PaymentBehaviour>;

/** A payment event as the provider reports it. */
export interface PaymentEvent {
  readonly type: 'payment.captured' | 'payment.failed';
  readonly intentId: string;
  readonly paymentId: string;
  readonly amount: number;
}

/** The events a behaviour makes of a payment, in the order they are reported. */
export function eventsOf(
  behaviour: PaymentBehaviour,
  intentId: string,
  amount: number,
): readonly PaymentEvent[] {
  const captured: PaymentEvent = { type: 'payment.captured', intentId, paymentId: `pay_${intentId}`, amount };
  const failed: PaymentEvent = { ...captured, type: 'payment.failed', paymentId: `pay_${intentId}_declined` };
  switch (behaviour) {
    case 'success':
    case 'late':
      return [captured];
    case 'failure':
      return [failed];
    case 'duplicate':
      return [captured, captured, captured];
    case 'reordered':
      return [captured, failed];
    case 'twice':
      return [captured, { ...captured, paymentId: `pay_${intentId}_again` }];
    case 'manual':
      return [];
  }
}
