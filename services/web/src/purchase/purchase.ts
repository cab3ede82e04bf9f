import type { ErrorCode } from '@onsale/contracts/error-codes';
import type { Card } from '../api/payment-simulator.ts';
import type { HoldRequest } from '../api/sale-client.ts';
import type { Order } from '../api/wire.ts';

/** A buyer's place in the waiting room of one sale. */
export interface Place {
  readonly saleId: string;
  readonly roomToken: string;
  readonly joinIndex: number;
  readonly opensAtMs: number;
  readonly closesAtMs: number;
}

export interface Hold {
  readonly holdId: string;
  readonly seatIds: readonly string[];
  readonly expiresAtMs: number;
}

/** One attempt to pay. Its keys are chosen, and kept, before anything is sent: repeating a step never pays twice. */
export interface Payment {
  readonly intentKey: string;
  readonly commitKey: string;
  readonly card: Card;
  readonly intentId: string | null;
  readonly amountMinor: number | null;
  /** The buyer's word has reached the simulator. */
  readonly submitted: boolean;
}

/** Why the buyer is not where they wanted to be: an error code of the services, or something the page found itself. */
export type NoticeCode =
  | ErrorCode
  | 'unreachable'
  | 'hold_lapsed'
  | 'payment_declined'
  | 'sale_over'
  | 'seats_gone';

/** Where one buyer is with one event. Kept in the browser, so that a refresh or a second tab goes on from here. */
export type Purchase =
  | { readonly phase: 'outside'; readonly notice: NoticeCode | null }
  | { readonly phase: 'waiting'; readonly place: Place; readonly notice: NoticeCode | null }
  | { readonly phase: 'choosing'; readonly place: Place; readonly notice: NoticeCode | null }
  | {
      readonly phase: 'holding';
      readonly place: Place;
      readonly request: HoldRequest;
      readonly askedAtMs: number;
      readonly notice: null;
    }
  | { readonly phase: 'held'; readonly place: Place; readonly hold: Hold; readonly notice: NoticeCode | null }
  | {
      readonly phase: 'paying';
      readonly place: Place;
      readonly hold: Hold;
      readonly payment: Payment;
      readonly notice: null;
    }
  | {
      readonly phase: 'confirming';
      readonly place: Place;
      readonly hold: Hold;
      readonly payment: Payment;
      readonly notice: null;
    }
  | { readonly phase: 'ended'; readonly place: Place; readonly order: Order; readonly notice: null };

export type PurchaseEvent =
  | { readonly type: 'entered'; readonly place: Place }
  | { readonly type: 'admitted' }
  /** The turn has not come after all. */
  | { readonly type: 'turn-not-come' }
  | { readonly type: 'place-lost'; readonly notice: NoticeCode | null }
  | { readonly type: 'hold-asked'; readonly request: HoldRequest; readonly askedAtMs: number }
  | { readonly type: 'hold-placed'; readonly hold: Hold }
  | { readonly type: 'hold-refused'; readonly notice: NoticeCode }
  | { readonly type: 'hold-released' }
  | { readonly type: 'hold-lapsed' }
  | { readonly type: 'pay-asked'; readonly payment: Payment }
  | { readonly type: 'intent-opened'; readonly intentId: string; readonly amountMinor: number }
  | { readonly type: 'payment-submitted' }
  | { readonly type: 'payment-refused'; readonly notice: NoticeCode }
  | { readonly type: 'payment-captured' }
  | { readonly type: 'order-decided'; readonly order: Order }
  | { readonly type: 'noticed'; readonly notice: NoticeCode | null }
  | { readonly type: 'begun-again' };

export const outside: Purchase = { phase: 'outside', notice: null };

/** The purchase after an event. One that does not belong to its phase, as of a slow answer, changes nothing. */
export function advance(purchase: Purchase, event: PurchaseEvent): Purchase {
  switch (event.type) {
    case 'entered':
      return purchase.phase === 'outside' ? { phase: 'waiting', place: event.place, notice: null } : purchase;
    case 'place-lost':
      return isBeforeHold(purchase) ? { phase: 'outside', notice: event.notice } : purchase;
    case 'noticed':
      return purchase.notice !== event.notice && isIdle(purchase)
        ? { ...purchase, notice: event.notice }
        : purchase;
    case 'begun-again':
      return purchase.phase === 'ended'
        ? { phase: 'waiting', place: purchase.place, notice: null }
        : purchase;
    case 'admitted':
      return purchase.phase === 'waiting' ? { ...purchase, phase: 'choosing' } : purchase;
    case 'turn-not-come':
      return isBeforeHold(purchase) && purchase.phase !== 'outside'
        ? { phase: 'waiting', place: purchase.place, notice: null }
        : purchase;
    case 'hold-asked': {
      if (purchase.phase !== 'choosing') return purchase;
      const { request, askedAtMs } = event;
      return { phase: 'holding', place: purchase.place, request, askedAtMs, notice: null };
    }
    case 'hold-placed':
      return purchase.phase === 'holding'
        ? { phase: 'held', place: purchase.place, hold: event.hold, notice: null }
        : purchase;
    case 'hold-refused':
      return purchase.phase === 'holding'
        ? { phase: 'choosing', place: purchase.place, notice: event.notice }
        : purchase;
    case 'hold-released':
      return purchase.phase === 'held'
        ? { phase: 'choosing', place: purchase.place, notice: null }
        : purchase;
    case 'hold-lapsed':
      return purchase.phase === 'held' || purchase.phase === 'paying'
        ? { phase: 'choosing', place: purchase.place, notice: 'hold_lapsed' }
        : purchase;
    case 'pay-asked': {
      if (purchase.phase !== 'held') return purchase;
      const { place, hold } = purchase;
      return { phase: 'paying', place, hold, payment: event.payment, notice: null };
    }
    case 'intent-opened': {
      if (purchase.phase !== 'paying') return purchase;
      const { intentId, amountMinor } = event;
      return { ...purchase, payment: { ...purchase.payment, intentId, amountMinor } };
    }
    case 'payment-submitted':
      return purchase.phase === 'paying'
        ? { ...purchase, payment: { ...purchase.payment, submitted: true } }
        : purchase;
    case 'payment-refused': {
      if (purchase.phase !== 'paying') return purchase;
      const { place, hold } = purchase;
      return { phase: 'held', place, hold, notice: event.notice };
    }
    case 'payment-captured':
      return purchase.phase === 'paying' ? { ...purchase, phase: 'confirming' } : purchase;
    case 'order-decided':
      return purchase.phase === 'confirming'
        ? { phase: 'ended', place: purchase.place, order: event.order, notice: null }
        : purchase;
  }
}

type Idle = Extract<Purchase, { phase: 'outside' | 'waiting' | 'choosing' | 'held' }>;

/** Nothing is under way that an answer belongs to. */
function isIdle(purchase: Purchase): purchase is Idle {
  return ['outside', 'waiting', 'choosing', 'held'].includes(purchase.phase);
}

type BeforeHold = Extract<Purchase, { phase: 'outside' | 'waiting' | 'choosing' | 'holding' }>;

function isBeforeHold(purchase: Purchase): purchase is BeforeHold {
  return ['outside', 'waiting', 'choosing', 'holding'].includes(purchase.phase);
}
