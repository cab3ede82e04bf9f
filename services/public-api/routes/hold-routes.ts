import { holdRoute, releaseRoute } from '@onsale/contracts/http/public-routes';
import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SeatPosition } from '@onsale/contracts/sale/seat-map';
import { currentSale, latestOpenedSale, saleState } from '@onsale/contracts/sale/sale-window';
import { createHoldId } from '@onsale/inventory/hold-id';
import type { SeatInventory } from '@onsale/inventory/seat-inventory';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';
import type { LimitBuyersOf } from '@onsale/platform/http/request-limits';
import type { WaitingRoom } from '@onsale/waiting-room/waiting-room';

export interface HoldRoutesDeps {
  readonly catalogue: Pick<EventCatalogue, 'find'>;
  readonly inventory: Pick<SeatInventory, 'placeHold' | 'releaseHold'>;
  readonly room: Pick<WaitingRoom, 'verifyTurn' | 'lapsePlace'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly limitBuyersOf?: LimitBuyersOf;
}

interface AskedSeats {
  readonly seatId?: string;
  readonly seatIds?: readonly string[];
}

/** Serves hold and release. */
export function registerHoldRoutes(app: HttpApp, deps: HoldRoutesDeps): void {
  const { catalogue, inventory, room, clock, limitBuyersOf = () => async () => undefined } = deps;
  const limitHolds = limitBuyersOf('hold');

  const find = async (eventId: string): Promise<PublishedEvent> => {
    const published = await catalogue.find(eventId);
    if (!published) throw new ApiError('not_found', `There is no event ${eventId}`);
    if (published.seatMap.seatCount === 0) {
      throw new ApiError('bad_request', 'This event has no numbered seats: use POST /api/reservations');
    }
    return published;
  };

  registerRoute(app, holdRoute, async (request, reply) => {
    const { eventId, seatId, seatIds, section, seatCount } = request.body;
    const forms = [seatId, seatIds, section ?? seatCount].filter((form) => form !== undefined).length;
    if (forms !== 1) {
      throw new ApiError('bad_request', 'Send exactly one of seatId, seatIds, or section with seatCount');
    }
    const published = await find(eventId);
    const wanted =
      seatId === undefined && seatIds === undefined
        ? bestOf(published, section, seatCount)
        : seatsOfOneSection(published, { seatId, seatIds });

    const sale = currentSale(published.event, clock.nowMs());
    const turn = room.verifyTurn(String(request.headers['x-room-token'] ?? ''), published, sale);
    if (turn.outcome === 'invalid') {
      throw new ApiError(
        'room_expired',
        'Send a valid x-room-token of this sale: enter the waiting room again',
      );
    }
    if (saleState(sale, clock.nowMs()) !== 'on-sale') {
      throw new ApiError('sale_not_open', `The sale opens at ${new Date(sale.opensAtMs).toISOString()}`);
    }
    if (turn.outcome === 'not-yet') {
      throw new ApiError('room_not_ready', `Your turn has not come; ask again in ${turn.retryAfterSec} s`);
    }
    const { userId, joinIndex, lapsed } = turn;
    await limitHolds(userId);

    const placed = await inventory.placeHold({
      published,
      saleId: sale.saleId,
      userId,
      holdId: createHoldId('sectionIndex' in wanted ? wanted.sectionIndex : wanted[0]!.sectionIndex),
      seats: wanted,
      turnLapsed: lapsed,
      closesAtMs: sale.closesAtMs,
    });
    switch (placed.outcome) {
      case 'held':
        return await reply.header('cache-control', 'no-store').send({
          holdId: placed.holdId,
          expiresAt: new Date(placed.expiresAtMs).toISOString(),
          seatIds: [...placed.seatIds],
        });
      case 'taken':
        throw new ApiError('seat_already_held_or_sold', 'Somebody else was faster; choose another seat');
      case 'sold-out':
        throw new ApiError('sold_out', 'The section has no such seats left');
      case 'limit-reached':
        throw new ApiError(
          'limit_reached',
          `One buyer may have ${published.event.perBuyer} seats of this sale`,
        );
      case 'turn-lapsed':
        // The next enter takes a new place at the back.
        await room.lapsePlace(sale, { userId, joinIndex });
        throw new ApiError('room_expired', 'The turn was not used in time: enter the waiting room again');
      case 'closed':
        throw new ApiError('sale_not_open', 'The sale is over');
    }
  });

  registerRoute(app, releaseRoute, async (request, reply) => {
    const { eventId, seatId, seatIds, holdId } = request.body;
    const published = await find(eventId);
    const asked = seatId !== undefined || seatIds !== undefined;
    if (!asked && holdId === undefined) {
      throw new ApiError('bad_request', 'Say what to release: seatId, seatIds or holdId');
    }
    const seats = asked ? seatsOfOneSection(published, { seatId, seatIds }) : undefined;
    void reply.header('cache-control', 'no-store');
    const sale = latestOpenedSale(published.event, clock.nowMs());
    const target = { published, saleId: sale.saleId, seats };
    if (holdId !== undefined) {
      return await reply.send(await inventory.releaseHold({ ...target, proof: { holdId } }));
    }
    const turn = room.verifyTurn(String(request.headers['x-room-token'] ?? ''), published, sale);
    if (turn.outcome !== 'admitted') return await reply.send({ released: false });
    return await reply.send(await inventory.releaseHold({ ...target, proof: { userId: turn.userId } }));
  });
}

function bestOf(published: PublishedEvent, section: string | undefined, seatCount: number | undefined) {
  if (section === undefined || seatCount === undefined) {
    throw new ApiError('bad_request', 'The best available seats need both section and seatCount');
  }
  const sectionIndex = published.seatMap.sectionIndex(section);
  if (sectionIndex === undefined) throw new ApiError('bad_request', `The event has no section ${section}`);
  return { sectionIndex, seatCount };
}

function seatsOfOneSection(published: PublishedEvent, { seatId, seatIds }: AskedSeats): SeatPosition[] {
  if (seatId !== undefined && seatIds !== undefined) {
    throw new ApiError('bad_request', 'Send either seatId or seatIds');
  }
  const seats = (seatIds ?? [seatId!]).map((id) => {
    const position = published.seatMap.locate(id);
    if (!position) throw new ApiError('bad_request', `The event has no seat ${id}`);
    return position;
  });
  if (seats.some((seat) => seat.sectionIndex !== seats[0]!.sectionIndex)) {
    throw new ApiError('bad_request', 'All seats of one request must lie in one section');
  }
  return seats;
}
