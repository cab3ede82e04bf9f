import { sleep } from 'k6';
import exec from 'k6/execution';
import { bodyOf, call, type Answer } from './call.ts';
import { lostOrders, orderDuration, ordersConfirmed, ordersRejected, turnsMissed } from './counters.ts';
import { fixtures, profile } from './run-input.ts';

/** How an attempt to buy ended. */
export type Purchase = 'confirmed' | 'rejected' | 'lost' | 'refused';

interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly seatIds: readonly string[];
}

interface RoomStatus {
  readonly ready: boolean;
  readonly pollAfterSec: number;
  readonly admission: string;
}

/** A name nobody else has, in any step or on any runner. */
export function buyerName(role: string): string {
  return `${fixtures.buyerPrefix}-${exec.scenario.name}-${exec.scenario.iterationInTest}-${role}`;
}

/** What enters the waiting room. */
export const enterCall = (userId: string, eventId: string) =>
  ({
    api: 'enter',
    method: 'POST',
    path: '/public/enter',
    body: { userId, eventId },
    expect: [200],
  }) as const;

export function tokenOf(answer: Answer): string | undefined {
  return answer.status === 200 ? bodyOf<{ roomToken: string }>(answer)?.roomToken : undefined;
}

/** Asks when the turn comes. */
export const roomStatusCall = (token: string) =>
  ({
    api: 'room-status',
    method: 'GET',
    path: `/public/room-status?token=${encodeURIComponent(token)}`,
    expect: [200],
  }) as const;

/** Waits for the turn as the answers say, at most as long as an order may take; a house with nothing left lets nobody in. */
export function awaitTurn(token: string): 'ready' | 'nothing-left' | 'missed' {
  const deadline = Date.now() + profile.orderWithinSeconds * 1000;
  while (Date.now() < deadline) {
    const status = bodyOf<RoomStatus>(call(roomStatusCall(token)));
    if (status?.ready === true) return 'ready';
    if (status?.admission === 'sold_out' || status?.admission === 'none_free') return 'nothing-left';
    sleep(Math.min(2, Math.max(0.2, status?.pollAfterSec ?? 1)));
  }
  turnsMissed.add(1);
  return 'missed';
}

/** Asks for one seat; a seat somebody else has is a right answer too. */
export const holdCall = (token: string, eventId: string, seatId: string) =>
  ({
    api: 'hold',
    method: 'POST',
    path: '/public/hold',
    body: { eventId, seatId },
    headers: { 'x-room-token': token },
    expect: [200, 409],
  }) as const;

/** Prices a seat and opens a payment; the intent's id, or undefined. */
export function openIntent(userId: string, eventId: string, seatId: string): string | undefined {
  const answer = call({
    api: 'payment-intent',
    method: 'POST',
    path: '/confirm/payment-intent',
    body: { userId, eventId, seatIds: [seatId] },
    headers: { 'idempotency-key': `${userId}-intent` },
    expect: [200, 201],
  });
  return answer.status < 300 && answer.status > 0
    ? bodyOf<{ intentId: string }>(answer)?.intentId
    : undefined;
}

/** From a hold to an order that is decided. Only CONFIRMED is a sale; a commit that was accepted and never decided is lost. */
export function buyHeld(userId: string, eventId: string, seatId: string): Purchase {
  const intentId = openIntent(userId, eventId, seatId);
  if (intentId === undefined) return 'refused';
  const key = `${userId}-commit`;
  const begun = Date.now();
  const committed = call({
    api: 'commit',
    method: 'POST',
    path: '/confirm/commit',
    body: { intentId, eventId, seatIds: [seatId], userId },
    headers: { 'idempotency-key': key },
    expect: [202],
  });
  if (committed.status !== 202) return 'refused';
  const order = awaitOrder(key, begun + profile.orderWithinSeconds * 1000);
  if (order === undefined) {
    lostOrders.add(1);
    return 'lost';
  }
  if (order.status !== 'CONFIRMED' || !order.seatIds.includes(seatId)) {
    ordersRejected.add(1);
    return 'rejected';
  }
  orderDuration.add(Date.now() - begun);
  // As metadata a seat makes no series of its own, and the raw output still tells of every sale.
  const { metadata } = exec.vu.metrics;
  metadata['seat'] = `${eventId} ${seatId}`;
  metadata['order'] = order.orderId;
  ordersConfirmed.add(1);
  delete metadata['seat'];
  delete metadata['order'];
  return 'confirmed';
}

function awaitOrder(key: string, deadlineMs: number): Order | undefined {
  for (let waitSeconds = 0.1; Date.now() < deadlineMs; waitSeconds = Math.min(1, waitSeconds * 2)) {
    sleep(waitSeconds);
    const answer = call({
      api: 'status',
      method: 'GET',
      path: `/confirm/status?idem=${encodeURIComponent(key)}`,
      expect: [200],
    });
    const order = bodyOf<{ order: Order | null }>(answer)?.order;
    if (order && order.status !== 'PROCESSING') return order;
  }
  return undefined;
}
