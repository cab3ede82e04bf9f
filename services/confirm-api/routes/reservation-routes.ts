import {
  cancelReservationRoute,
  createReservationRoute,
  listReservationsRoute,
} from '@onsale/contracts/http/api-routes';
import type { TicketCodes } from '@onsale/orders/gate/ticket-codes';
import type { Reservations } from '@onsale/orders/reservations/create-reservations';
import type { Reservation } from '@onsale/orders/reservations/reservation';
import { ApiError } from '@onsale/platform/http/api-error';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';
import { operatorRole, type Identity } from '@onsale/platform/identity/identity';

export interface ReservationRoutesDeps {
  readonly identity: Pick<Identity, 'requireBearer'>;
  readonly reservations: Pick<Reservations, 'reserve' | 'listOf' | 'cancel'>;
  /** Absent where tickets are not signed. */
  readonly ticketCodes?: Pick<TicketCodes, 'codeOf'> | undefined;
}

/** Serves `/api/reservations`: unseated tickets, always with a bearer token. */
export function registerReservationRoutes(
  app: HttpApp,
  { identity, reservations, ticketCodes }: ReservationRoutesDeps,
): void {
  const viewOf = (reservation: Reservation) => ({
    id: reservation.id,
    eventId: reservation.eventNumber,
    userId: reservation.userId,
    quantity: reservation.quantity,
    status: reservation.status,
    createdAt: reservation.createdAt.toISOString(),
    ...(ticketCodes && reservation.status === 'CONFIRMED'
      ? { code: ticketCodes.codeOf(`res_${reservation.id}`) }
      : {}),
  });

  registerRoute(app, createReservationRoute, async (request, reply) => {
    const caller = await identity.requireBearer(request);
    const { eventId, quantity, userId = caller.userId } = request.body;
    if (userId !== caller.userId && !caller.roles.includes(operatorRole)) {
      throw new ApiError('forbidden', 'userId must be the subject of the bearer token');
    }
    const idempotencyKey = request.headers['idempotency-key'];
    const result = await reservations.reserve({ eventKey: eventId, userId, quantity, idempotencyKey });
    void reply.header('cache-control', 'no-store');
    switch (result.outcome) {
      case 'reserved':
        return reply.code(201).send(viewOf(result.reservation));
      case 'replayed':
        return reply.code(200).header('x-idempotent-replay', 'true').send(viewOf(result.reservation));
      case 'unknown-event':
        throw new ApiError('not_found', 'There is no such event');
      case 'seated':
        throw new ApiError('bad_request', 'This event has numbered seats: take them by POST /public/hold');
      case 'event-cancelled':
        throw new ApiError('event_cancelled', 'The event is cancelled; nothing of it is sold');
      case 'sale-not-open':
        throw new ApiError('sale_not_open', result.reason);
      case 'sold-out':
        throw new ApiError('sold_out', 'Fewer tickets are left');
      case 'limit-reached':
        throw new ApiError('limit_reached', 'This is more than one buyer may have');
      case 'key-reused':
        throw new ApiError('idempotency_key_reused', 'This Idempotency-Key was used for another request');
    }
  });

  registerRoute(app, listReservationsRoute, async (request, reply) => {
    const caller = await identity.requireBearer(request);
    const { userId } = request.params;
    if (userId !== caller.userId && !caller.roles.includes(operatorRole)) {
      throw new ApiError('forbidden', "These are another buyer's reservations");
    }
    const own = await reservations.listOf(userId);
    return await reply.header('cache-control', 'no-store').send(own.map(viewOf));
  });

  registerRoute(app, cancelReservationRoute, async (request, reply) => {
    const caller = await identity.requireBearer(request);
    const result = await reservations.cancel(request.params.id, caller.userId);
    switch (result.outcome) {
      case 'cancelled':
        return await reply.header('cache-control', 'no-store').send(viewOf(result.reservation));
      case 'unknown':
        throw new ApiError('not_found', 'There is no such reservation');
      case 'not-own':
        throw new ApiError('forbidden', "This is another buyer's reservation");
      case 'event-begun':
        throw new ApiError('conflict', 'The event has begun; its tickets cannot be given back');
      case 'ticket-used':
        throw new ApiError('conflict', 'Somebody came in with these tickets; they cannot be given back');
    }
  });
}
