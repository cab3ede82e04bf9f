import { createHmac } from 'node:crypto';
import { type Driven, drive, type LoadRequest, requestBytes } from './load-client.ts';
import { type Lab, webhookSecret } from './lab.ts';
import { seatId, type Venue } from './venue.ts';

/** A buyer on the way from the waiting room to an order. */
export interface Buyer {
  readonly eventId: string;
  readonly userId: string;
  readonly seatId: string;
  token: string;
  intentId: string;
  amount: number;
}

/** Connections kept busy: enough that group commits fill as they do at an opening. */
const connections = 192;

let lastBuyer = 0;

/** Buyers nobody has heard of yet, each with a seat of their own, from the venue's seat `from` on. */
export function newBuyers(eventId: string, venue: Venue, from: number, count: number): Buyer[] {
  return Array.from({ length: count }, (_, index) => ({
    eventId,
    // As long as the subject of an identity provider's token.
    userId: `buyer-${String(++lastBuyer).padStart(24, '0')}`,
    seatId: seatId(venue, from + index),
    token: '',
    intentId: '',
    amount: 0,
  }));
}

type Step = (lab: Lab, buyers: readonly Buyer[]) => Promise<Driven>;

const step =
  (service: 'public-api' | 'confirm-api', expect: number, requestOf: (buyer: Buyer) => LoadRequest): Step =>
  (lab, buyers) => {
    let index = 0;
    return drive({
      port: lab.services[service].port,
      connections: Math.min(connections, buyers.length),
      expect: [expect],
      next: () => (index < buyers.length ? requestOf(buyers[index++]!) : undefined),
    });
  };

export const keyed = (key: string) => ({ 'idempotency-key': key });

/** Enters the waiting room; the buyer keeps the token. */
export const enter = step('public-api', 200, (buyer) => ({
  bytes: requestBytes('POST', '/public/enter', { userId: buyer.userId, eventId: buyer.eventId }),
  done: (body) => {
    buyer.token = (JSON.parse(body) as { roomToken: string }).roomToken;
  },
}));

export const askRoomStatus = step('public-api', 200, ({ token }) => ({
  bytes: requestBytes('GET', `/public/room-status?token=${token}`),
}));

export const hold = step('public-api', 200, (buyer) => ({ bytes: holdBytes(buyer) }));

export const holdBytes = ({ eventId, seatId, token }: Buyer): string =>
  requestBytes('POST', '/public/hold', { eventId, seatId }, { 'x-room-token': token });

export const makeIntent = step('confirm-api', 201, (buyer) => ({
  bytes: intentBytes(buyer),
  done: (body) => {
    const { intentId, amount } = JSON.parse(body) as { intentId: string; amount: number };
    buyer.intentId = intentId;
    buyer.amount = amount;
  },
}));

export const intentBytes = ({ eventId, userId, seatId }: Buyer): string =>
  requestBytes(
    'POST',
    '/confirm/payment-intent',
    { userId, eventId, seatIds: [seatId] },
    keyed(`intent-${userId}`),
  );

/** The payment provider's word that the money is there, with its signature of this second. */
export function captureOf({ intentId, amount }: Pick<Buyer, 'intentId' | 'amount'>) {
  const event = { type: 'payment.captured', intentId, paymentId: `pay-${intentId}`, amount };
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', webhookSecret)
    .update(`${t}.${JSON.stringify(event)}`)
    .digest('hex');
  return { event, headers: { 'x-onsale-signature': `t=${t},v1=${v1}` } };
}

export const capture = step('confirm-api', 200, (buyer) => {
  const { event, headers } = captureOf(buyer);
  return { bytes: requestBytes('POST', '/confirm/payment-callback', event, headers) };
});

export const commit = step('confirm-api', 202, (buyer) => ({ bytes: commitBytes(buyer) }));

export const commitBytes = ({ intentId, eventId, userId, seatId }: Buyer): string =>
  requestBytes(
    'POST',
    '/confirm/commit',
    { intentId, eventId, seatIds: [seatId], userId },
    keyed(`commit-${userId}`),
  );

export const askStatus = step('confirm-api', 200, ({ userId }) => ({
  bytes: requestBytes('GET', `/confirm/status?idem=commit-${userId}`),
}));
