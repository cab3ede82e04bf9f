import { hash } from 'node:crypto';
import {
  cancelOrderRoute,
  commitRoute,
  confirmHealthRoute,
  listOrdersRoute,
  orderRankRoute,
  paymentIntentRoute,
  readPaymentIntentRoute,
  statusRoute,
} from '@onsale/contracts/http/confirm-routes';
import type { Orders } from '@onsale/orders/create-orders';
import type { TicketCodes } from '@onsale/orders/gate/ticket-codes';
import { withTicketCodes } from '@onsale/orders/gate/with-ticket-codes';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';
import type { LimitBuyersOf } from '@onsale/platform/http/request-limits';
import type { Identity } from '@onsale/platform/identity/identity';
import { currentTraceparent } from '@onsale/platform/trace-context';
import { registerPaymentCallback } from './payment-callback-route.ts';

export interface ConfirmRoutesDeps {
  readonly orders: Pick<
    Orders,
    | 'intents'
    | 'readIntent'
    | 'commits'
    | 'status'
    | 'paymentEvents'
    | 'listOrders'
    | 'cancelOrder'
    | 'readRank'
  >;
  readonly identity: Pick<Identity, 'identify'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Secrets of the payment provider's signature; any of them is accepted. */
  readonly webhookSecrets: readonly string[];
  /** Absent: tickets are told without a code. */
  readonly ticketCodes?: Pick<TicketCodes, 'codeOf'> | undefined;
  /** Absent: nobody is counted. */
  readonly limitBuyersOf?: LimitBuyersOf;
}

/** Serves everything of the contract under `/confirm`. */
export function registerConfirmRoutes(app: HttpApp, deps: ConfirmRoutesDeps): void {
  const { orders, identity, clock, ticketCodes, limitBuyersOf = () => () => undefined } = deps;
  const limitIntents = limitBuyersOf('intent');
  const limitCommits = limitBuyersOf('commit');
  const limitCancels = limitBuyersOf('cancel');
  const limitRanks = limitBuyersOf('rank');

  registerRoute(app, confirmHealthRoute, async (_request, reply) => {
    return await reply.header('cache-control', 'no-store').send({ ok: true, ts: clock.nowMs() });
  });

  registerRoute(app, paymentIntentRoute, async (request, reply) => {
    const { eventId, seatIds } = request.body;
    const { userId } = await identity.identify(request, request.body.userId);
    limitIntents(userId);
    const idempotencyKey = request.headers['idempotency-key'];
    const result = await orders.intents.create({ idempotencyKey, userId, eventId, seatIds });
    switch (result.outcome) {
      case 'key-reused':
        throw keyReused();
      case 'unknown-event':
        throw new ApiError('not_found', 'There is no such event');
      case 'event-cancelled':
        throw new ApiError('event_cancelled', 'The event is cancelled; nothing of it is sold');
      case 'general-admission':
        throw new ApiError('bad_request', 'This event has no numbered seats: use POST /api/reservations');
      case 'no-such-seat':
        throw new ApiError('bad_request', `The event has no seat ${result.seatId}`);
      default: {
        const { intentId, amountMinor, currency } = result.intent;
        const isReplay = result.outcome === 'replayed';
        if (isReplay) void reply.header('x-idempotent-replay', 'true');
        return await reply
          .code(isReplay ? 200 : 201)
          .header('location', `/confirm/payment-intent/${encodeURIComponent(intentId)}`)
          .header('cache-control', 'no-store')
          .send({ intentId, amount: amountMinor, currency });
      }
    }
  });

  registerRoute(app, readPaymentIntentRoute, async (request, reply) => {
    const intent = await orders.readIntent(request.params.intentId);
    if (!intent) throw new ApiError('not_found', 'There is no such payment intent');
    return await reply.header('cache-control', 'no-store').send(intent);
  });

  registerRoute(app, commitRoute, async (request, reply) => {
    const { intentId, eventId, seatIds } = request.body;
    const { userId } = await identity.identify(request, request.body.userId);
    limitCommits(userId);
    const idem = request.headers['idempotency-key'];
    const payload = { intentId, eventId, seatIds, userId };
    const { outcome } = await orders.commits.accept(
      { type: 'COMMIT_ORDER', payload, idem },
      currentTraceparent() ?? validTraceparent(request.headers['traceparent']),
    );
    if (outcome === 'key-reused') throw keyReused();
    return await reply
      .code(202)
      .header('location', `/confirm/status?idem=${encodeURIComponent(idem)}`)
      .header('cache-control', 'no-store')
      .send({ accepted: true, status: 'PROCESSING', idem });
  });

  registerRoute(app, statusRoute, async (request, reply) => {
    const { order, payment } = await orders.status.read(request.query.idem);
    const status = { order: withTicketCodes(order, ticketCodes), payment };
    const etag = `"${hash('sha256', JSON.stringify(status), 'base64url').slice(0, 27)}"`;
    // The answer is one buyer's: a browser may keep it, but asks every time whether it still holds.
    void reply.header('cache-control', 'private, max-age=0, must-revalidate').header('etag', etag);
    // The contract lists bodies by status, and this status has none.
    if (matches(request.headers['if-none-match'], etag))
      return await reply.code(304 as 200).send('' as never);
    return await reply.send(status);
  });

  registerRoute(app, listOrdersRoute, async (request, reply) => {
    const { userId } = await identity.identify(request, request.query.userId);
    const list = await orders.listOrders(userId, request.query.limit ?? 50);
    return await reply
      .header('cache-control', 'no-store')
      .send({ orders: list.map((order) => withTicketCodes(order, ticketCodes)) });
  });

  registerRoute(app, cancelOrderRoute, async (request, reply) => {
    const { userId } = await identity.identify(request, request.body.userId);
    limitCancels(userId);
    const { orderId } = request.params;
    const result = await orders.cancelOrder({ orderId, userId, ticketIds: request.body.ticketIds });
    switch (result.outcome) {
      case 'unknown-order':
        throw new ApiError('not_found', 'There is no such order');
      case 'unknown-ticket':
        throw new ApiError('not_found', 'The order has no such ticket');
      case 'not-owner':
        throw new ApiError('forbidden', "This is another buyer's order");
      case 'event-begun':
        throw new ApiError('conflict', 'The event has begun; its tickets cannot be given back');
      case 'ticket-used':
        throw new ApiError('conflict', 'Somebody has come in with one of the tickets');
      case 'not-confirmed':
        throw new ApiError('conflict', 'Only a confirmed order can be cancelled');
      case 'cancelled':
        return await reply
          .header('cache-control', 'no-store')
          .send({ order: withTicketCodes(result.order, ticketCodes), refundAmount: result.refundMinor });
    }
  });

  registerRoute(app, orderRankRoute, async (request, reply) => {
    const { userId } = await identity.identify(request, request.query.userId);
    limitRanks(userId);
    const result = await orders.readRank({ orderId: request.params.orderId, userId });
    switch (result.outcome) {
      case 'unknown-order':
        throw new ApiError('not_found', 'There is no such order');
      case 'not-owner':
        throw new ApiError('forbidden', "This is another buyer's order");
      case 'not-ranked':
        throw new ApiError('conflict', 'Only an order with tickets of a practice round has a rank');
      case 'ranked':
        return await reply.header('cache-control', 'no-store').send(result.rank);
    }
  });

  registerPaymentCallback(app, deps);
}

const keyReused = () =>
  new ApiError('idempotency_key_reused', 'This Idempotency-Key was used for another request');

/** A caller's trace goes on even where this process traces nothing itself. */
function validTraceparent(header: unknown): string | undefined {
  const pattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
  return typeof header === 'string' && pattern.test(header) ? header : undefined;
}

/** RFC 9110, 13.1.2: a list of tags, or any; weak ones count as well. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}
