import { enterRoute, roomRecordRoute, roomStatusRoute } from '@onsale/contracts/http/public-routes';
import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleState, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import { type AddFastRoute, type ReadyAnswer, sendReady } from '@onsale/platform/http/fast-path';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';
import type { LimitBuyersOf } from '@onsale/platform/http/request-limits';
import type { Identity } from '@onsale/platform/identity/identity';
import type { Standing, WaitingRoom } from '@onsale/waiting-room/waiting-room';
import { requireEventOnSale, requireSeatedEvent } from './require-seated-event.ts';

export interface RoomRoutesDeps {
  readonly catalogue: Pick<EventCatalogue, 'find'>;
  readonly room: Pick<WaitingRoom, 'enter' | 'roomStatus' | 'learn' | 'roomRecord'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly identity: Pick<Identity, 'identify'>;
  readonly limitBuyersOf?: LimitBuyersOf;
  readonly addFastRoute?: AddFastRoute;
}

/** Serves the waiting room: enter, room-status and the public room record. */
export function registerRoomRoutes(app: HttpApp, deps: RoomRoutesDeps): void {
  const { catalogue, room, clock, identity, limitBuyersOf = () => () => undefined } = deps;
  const { addFastRoute = () => undefined } = deps;
  const limitEnters = limitBuyersOf('enter');

  const withSale = (published: PublishedEvent) => ({
    published,
    sale: currentSale(published.event, clock.nowMs()),
  });

  registerRoute(app, enterRoute, async (request, reply) => {
    const { userId } = await identity.identify(request, request.body.userId);
    limitEnters(userId);
    const { eventId } = request.body;
    const { published, sale } = withSale(requireEventOnSale(eventId, await catalogue.find(eventId)));
    const nowMs = clock.nowMs();
    const leftSec = Math.ceil((sale.roomOpensAtMs - nowMs) / 1000);
    if (leftSec > 0) void reply.header('retry-after', String(leftSec));
    checkRoomIsOpen(sale, nowMs);
    const entered = await room.enter({ published, sale, userId });
    return await reply.header('cache-control', 'no-store').send({
      roomToken: entered.roomToken,
      position: entered.position,
      etaSec: entered.leftSec,
      drawn: entered.drawn,
      saleId: sale.saleId,
      joinIndex: entered.joinIndex,
      opensAt: new Date(sale.opensAtMs).toISOString(),
      closesAt: new Date(sale.closesAtMs).toISOString(),
      pollAfterSec: entered.pollAfterSec,
    });
  });

  registerRoute(app, roomStatusRoute, async (request, reply) => {
    const { token } = request.query;
    let status = room.roomStatus(token);
    if (status.outcome === 'unread') status = await room.learn(token);
    if (status.outcome === 'unread')
      throw new ApiError('cache_unavailable', 'The waiting room is being read; ask again');
    if (status.outcome === 'expired') {
      throw new ApiError('room_expired', 'The token is not valid, or its sale is over: enter again');
    }
    return await sendReady(reply, statusAnswer(status));
  });
  // Asked by everybody who waits, again and again.
  const prefix = `${roomStatusRoute.url}?token=`;
  addFastRoute({
    route: roomStatusRoute,
    prefix,
    find(_request, url) {
      // Another parameter behind it, or an escaped character, makes no good token, and the handler has a look.
      const status = room.roomStatus(url.slice(prefix.length));
      return status.outcome === 'known' ? statusAnswer(status) : undefined;
    },
  });

  registerRoute(app, roomRecordRoute, async (request, reply) => {
    const { eventId } = request.params;
    const { published, sale } = withSale(requireSeatedEvent(eventId, await catalogue.find(eventId)));
    return await reply
      .header('cache-control', 'public, max-age=1')
      .send(await room.roomRecord(published, sale));
  });
}

function statusAnswer(standing: Standing): ReadyAnswer {
  const { ready, leftSec, position, drawn, pollAfterSec, admission } = standing;
  const body = JSON.stringify({ ready, leftSec, position, drawn, pollAfterSec, admission });
  return { status: 200, headers: roomStatusHeaders, body };
}

const roomStatusHeaders = ['cache-control', 'no-store', 'content-type', 'application/json; charset=utf-8'];

function checkRoomIsOpen(sale: SaleWindow, nowMs: number): void {
  const state = saleState(sale, nowMs);
  if (state === 'closed') throw new ApiError('sale_not_open', 'The sale is over');
  if (state === 'room-closed') {
    const opensAt = new Date(sale.roomOpensAtMs).toISOString();
    throw new ApiError('sale_not_open', `The waiting room opens at ${opensAt}`);
  }
}
