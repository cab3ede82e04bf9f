import { holdRoute, releaseRoute } from '@onsale/contracts/http/public-routes';
import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SeatPosition } from '@onsale/contracts/sale/seat-map';
import { currentSale, saleState, salesWithHolds, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import { createHoldId } from '@onsale/inventory/hold-id';
import type { SeatInventory } from '@onsale/inventory/seat-inventory';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';
import type { LimitBuyersOf } from '@onsale/platform/http/request-limits';
import { requireEventOnSale } from './require-seated-event.ts';

/** What the waiting room says about a token. */
export type VerifiedTurn =
  | {
      readonly outcome: 'admitted';
      readonly userId: string;
      readonly joinIndex: number;
      /** Admitted too long ago to begin now. */
      readonly lapsed: boolean;
    }
  | { readonly outcome: 'not-yet'; readonly retryAfterSec: number }
  | { readonly outcome: 'invalid' };

/** The part of the waiting room holds need. */
export interface TurnVerifier {
  /** `invalid`: missing, forged, or of another sale or event. */
  verifyTurn(token: string, published: PublishedEvent, sale: SaleWindow): VerifiedTurn;
  /** Makes the sale known to this process; at once when it is. */
  ensureRoom(published: PublishedEvent, sale: SaleWindow): Promise<void>;
  /** The buyer's turn passed unused: entering again gives a new place. */
  lapsePlace(
    sale: SaleWindow,
    place: { readonly userId: string; readonly joinIndex: number },
  ): Promise<unknown>;
}

export interface HoldRoutesDeps {
  readonly catalogue: Pick<EventCatalogue, 'find'>;
  readonly inventory: Pick<SeatInventory, 'placeHold' | 'releaseHold'>;
  readonly room: TurnVerifier;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Absent: nobody is counted. */
  readonly limitBuyersOf?: LimitBuyersOf;
}

const roomExpired = 'The room token is missing, has expired or is for another sale; enter the waiting room';

/** Serves hold and release. The buyer is who the room token says. */
export function registerHoldRoutes(app: HttpApp, deps: HoldRoutesDeps): void {
  const { catalogue, inventory, room, clock, limitBuyersOf = () => () => undefined } = deps;
  const limitHolds = limitBuyersOf('hold');

  const verifyTurn = async (token: string | undefined, published: PublishedEvent, sale: SaleWindow) => {
    if (!token) return { outcome: 'invalid' } as const;
    await room.ensureRoom(published, sale);
    return room.verifyTurn(token, published, sale);
  };

  registerRoute(app, holdRoute, async (request, reply) => {
    const { eventId, ...asked } = request.body;
    checkHoldShape(asked);
    const published = requireEventOnSale(eventId, await catalogue.find(eventId));
    const seats = locateAsked(published, asked);
    const nowMs = clock.nowMs();
    const sale = currentSale(published.event, nowMs);

    const turn = await verifyTurn(request.headers['x-room-token'], published, sale);
    if (turn.outcome === 'invalid') throw new ApiError('room_expired', roomExpired);
    if (saleState(sale, nowMs) !== 'on-sale') throw saleNotOpen(sale, nowMs);
    if (turn.outcome === 'not-yet') {
      throw new ApiError('room_not_ready', 'Your turn has not come; ask /public/room-status', {
        retryAfterSec: turn.retryAfterSec,
      });
    }

    limitHolds(turn.userId);

    const sectionIndex = 'seatCount' in seats ? seats.sectionIndex : seats[0]!.sectionIndex;
    const answer = await inventory.placeHold({
      published,
      saleId: sale.saleId,
      userId: turn.userId,
      holdId: createHoldId(sectionIndex),
      seats,
      turnLapsed: turn.lapsed,
      closesAtMs: sale.closesAtMs,
    });
    switch (answer.outcome) {
      case 'held':
        return await reply.header('cache-control', 'no-store').send({
          holdId: answer.holdId,
          expiresAt: new Date(answer.expiresAtMs).toISOString(),
          seatIds: [...answer.seatIds],
        });
      case 'taken':
        throw new ApiError('seat_already_held_or_sold', 'The seat is already held or sold; choose another');
      case 'sold-out':
        throw new ApiError('sold_out', 'The section has not that many free seats left');
      case 'limit-reached':
        throw new ApiError(
          'limit_reached',
          `One buyer may have ${published.event.perBuyer} seats of this sale`,
        );
      case 'turn-lapsed':
        await room.lapsePlace(sale, turn);
        throw new ApiError('room_expired', 'Your turn has passed unused; enter the waiting room again');
      case 'closed':
        throw saleNotOpen(sale, clock.nowMs());
    }
  });

  registerRoute(app, releaseRoute, async (request, reply) => {
    const { eventId, seatId, seatIds, holdId } = request.body;
    if (seatId !== undefined && seatIds !== undefined) {
      throw new ApiError('bad_request', 'body takes seatId or seatIds, not both');
    }
    const named = seatIds ?? (seatId === undefined ? undefined : [seatId]);
    if (named === undefined && holdId === undefined) {
      throw new ApiError('bad_request', 'body must name the seats (seatId or seatIds), the holdId, or both');
    }
    const published = await catalogue.find(eventId);
    const seats = named?.flatMap((name) => published?.seatMap.locate(name) ?? []);
    let released = false;
    // Of what there is not, nobody can prove to hold anything.
    const sales =
      published && published.event.sections.length > 0 && seats?.length === named?.length
        ? salesWithHolds(published.event, clock.nowMs())
        : [];
    for (const sale of sales) {
      const release = async (proof: { userId: string } | { holdId: string }) =>
        (await inventory.releaseHold({ published: published!, saleId: sale.saleId, seats, proof })).released;
      if (!released && holdId !== undefined) released = await release({ holdId });
      const token = request.headers['x-room-token'];
      if (!released && seats && token !== undefined) {
        const turn = await verifyTurn(token, published!, sale);
        if (turn.outcome === 'admitted') released = await release({ userId: turn.userId });
      }
    }
    return await reply.header('cache-control', 'no-store').send({ released });
  });
}

interface AskedSeats {
  readonly seatId?: string | undefined;
  readonly seatIds?: readonly string[] | undefined;
  readonly section?: string | undefined;
  readonly seatCount?: number | undefined;
  readonly wheelchair?: boolean | undefined;
}

function checkHoldShape({ seatId, seatIds, section, seatCount, wheelchair }: AskedSeats): void {
  const ways = [
    seatId !== undefined,
    seatIds !== undefined,
    section !== undefined || seatCount !== undefined,
  ];
  if (ways.filter(Boolean).length !== 1) {
    throw new ApiError(
      'bad_request',
      'body must have exactly one of seatId, seatIds, or section with seatCount',
    );
  }
  if ((section === undefined) !== (seatCount === undefined)) {
    throw new ApiError('bad_request', 'body.section and body.seatCount go together');
  }
  if (wheelchair && (seatCount ?? 3) > 2) {
    throw new ApiError('bad_request', 'body.wheelchair goes with section and a seatCount of 1 or 2');
  }
}

function locateAsked(published: PublishedEvent, asked: AskedSeats) {
  if (asked.section !== undefined && asked.seatCount !== undefined) {
    const sectionIndex = published.seatMap.sectionIndex(asked.section);
    if (sectionIndex === undefined) {
      throw new ApiError('bad_request', `${published.event.eventId} has no section ${asked.section}`);
    }
    return { sectionIndex, seatCount: asked.seatCount, wheelchair: asked.wheelchair ?? false };
  }
  const seats = locateSeats(published, asked.seatIds ?? [asked.seatId!]);
  if (seats.some((seat) => seat.sectionIndex !== seats[0]!.sectionIndex)) {
    throw new ApiError('bad_request', 'body.seatIds must lie in one section: hold each section by itself');
  }
  return seats;
}

function locateSeats(published: PublishedEvent, seatIds: readonly string[]): SeatPosition[] {
  return seatIds.map((seatId) => {
    const position = published.seatMap.locate(seatId);
    if (!position) {
      throw new ApiError('bad_request', `${published.event.eventId} has no seat ${seatId}`);
    }
    return position;
  });
}

function saleNotOpen(sale: SaleWindow, nowMs: number): ApiError {
  const opensAt = new Date(sale.opensAtMs).toISOString();
  return new ApiError(
    'sale_not_open',
    nowMs < sale.opensAtMs ? `The sale opens at ${opensAt}` : 'The sale has closed',
  );
}
