import {
  changeRateRoute,
  listTicketEventsRoute,
  pauseSaleRoute,
  publishTicketEventRoute,
  resumeSaleRoute,
} from '@onsale/contracts/http/admin-routes';
import { eraseBuyerRoute, exportBuyerRoute } from '@onsale/contracts/http/buyer-data-routes';
import { cancelEventRoute } from '@onsale/contracts/http/cancel-event-route';
import { gateCheckRoute, type GateCheck } from '@onsale/contracts/http/gate-check-route';
import {
  listSaleStatusRoute,
  type SaleStatus,
  saleStatusRoute,
} from '@onsale/contracts/http/sale-status-routes';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { currentSale, saleOfRound, type SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { Catalogue, PublishOutcome } from '@onsale/orders/catalogue/create-catalogue';
import type { Clock } from '@onsale/platform/clock';
import { ApiError } from '@onsale/platform/http/api-error';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';
import type { BuyerData } from './buyer-data.ts';
import { requireAdminToken } from './require-admin-token.ts';

/** What an operator asks of a sale's admission. */
export type RateChange =
  | { readonly action: 'pause' | 'resume' }
  | { readonly action: 'rate'; readonly ratePerSecond: number };

export interface AdminRoutesDeps {
  /** Without one every request is refused. */
  readonly adminToken: string | undefined;
  readonly catalogue: Pick<Catalogue, 'publishEvent' | 'cancelEvent' | 'ticketEvents' | 'find' | 'list'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Makes waiting room and inventory of the event's sales ready; idempotent. */
  readonly prepareSale: (published: PublishedEvent) => Promise<void>;
  /** Changes the admission of a sale and tells the rate from then on, per second. */
  readonly changeRate: (
    published: PublishedEvent,
    sale: SaleWindow,
    change: RateChange,
  ) => Promise<{ ratePerSecond: number }>;
  /** Where the current sales of published events stand, in the order asked. */
  readonly readSaleStatus: (eventIds: readonly string[]) => Promise<readonly SaleStatus[]>;
  /** Lets the holder of a ticket's code in, once. */
  readonly checkTicket: (check: {
    readonly code: string;
    readonly eventId?: string | undefined;
    readonly gate: string;
  }) => Promise<GateCheck>;
  readonly buyers: BuyerData;
}

/** Serves `/admin` on the internal port: publishing, admission, the sale's state and buyers' data, to whoever has the admin token. */
export function registerAdminRoutes(app: HttpApp, deps: AdminRoutesDeps): void {
  const { catalogue, clock, prepareSale, changeRate, readSaleStatus, checkTicket, buyers } = deps;
  const checkToken = requireAdminToken(deps.adminToken);

  const find = async (eventId: string) => {
    const published = await catalogue.find(eventId);
    if (!published) throw notPublished(eventId);
    return { published, sale: currentSale(published.event, clock.nowMs()) };
  };

  const change = async (eventId: string, rateChange: RateChange) => {
    const { published, sale } = await find(eventId);
    const { ratePerSecond } = await changeRate(published, sale, rateChange);
    return { eventId, saleId: sale.saleId, ratePerSecond };
  };

  void app.register(async (scope: HttpApp) => {
    // Before the body is read: who has no token learns nothing about what would be accepted.
    scope.addHook('onRequest', async (request) => checkToken(request.headers));

    registerRoute(scope, publishTicketEventRoute, async (request, reply) => {
      const result = await catalogue.publishEvent(request.body);
      if (!('published' in result)) throw refusalOf(result);
      const { published, outcome } = result;
      // Also when nothing changed: the attempt before may have failed between the two.
      await prepareSale(published);
      return await reply.code(outcome === 'created' ? 201 : 200).send({
        eventId: published.event.eventId,
        number: published.number,
        outcome,
        saleIds: salesAhead(published, clock.nowMs()),
      });
    });

    registerRoute(scope, listTicketEventsRoute, async () => ({
      items: [...(await catalogue.ticketEvents())],
    }));
    registerRoute(scope, pauseSaleRoute, (request) => change(request.params.eventId, { action: 'pause' }));
    registerRoute(scope, resumeSaleRoute, (request) => change(request.params.eventId, { action: 'resume' }));
    registerRoute(scope, changeRateRoute, (request) =>
      change(request.params.eventId, { action: 'rate', ratePerSecond: request.body.ratePerSecond }),
    );

    registerRoute(scope, saleStatusRoute, async (request) => {
      const { published } = await find(request.params.eventId);
      return (await readSaleStatus([published.event.eventId]))[0]!;
    });
    registerRoute(scope, listSaleStatusRoute, async () => {
      const published = await catalogue.list();
      return { items: [...(await readSaleStatus(published.map(({ event }) => event.eventId)))] };
    });

    registerRoute(scope, cancelEventRoute, async (request) => {
      const { eventId } = request.params;
      const { confirm, reason } = request.body;
      if (confirm !== eventId) {
        throw new ApiError('bad_request', `confirm must repeat the eventId, ${eventId}: it cannot be undone`);
      }
      const result = await catalogue.cancelEvent(eventId, reason);
      if (result.outcome === 'unknown-event') throw notPublished(eventId);
      const { outcome, cancellation } = result;
      const cancelledAt = new Date(cancellation.atMs).toISOString();
      return { eventId, outcome, cancelledAt, reason: cancellation.reason };
    });

    registerRoute(scope, gateCheckRoute, (request) => checkTicket(request.body));

    registerRoute(scope, exportBuyerRoute, (request) => buyers.exportBuyer(request.body.userId));
    registerRoute(scope, eraseBuyerRoute, (request) => {
      const { userId, confirm } = request.body;
      if (confirm !== userId) {
        throw new ApiError('bad_request', 'confirm must repeat the userId: it cannot be undone');
      }
      return buyers.eraseBuyer(userId);
    });
  });
}

const notPublished = (eventId: string) => new ApiError('not_found', `No event ${eventId} is published`);

function refusalOf(result: Exclude<PublishOutcome, { published: PublishedEvent }>): ApiError {
  switch (result.outcome) {
    case 'invalid':
      return new ApiError('bad_request', result.problems.join('; '));
    case 'immutable':
      return new ApiError('conflict', `${result.field} cannot change once the event is published`);
    case 'not-home':
      return new ApiError('conflict', `The event is at home in ${result.homeRegion} and publishes there`);
  }
}

function salesAhead({ event }: PublishedEvent, nowMs: number): string[] {
  const sale = currentSale(event, nowMs);
  return event.sale.kind === 'once'
    ? [sale.saleId]
    : [sale.saleId, saleOfRound(event, sale.round + 1).saleId];
}
