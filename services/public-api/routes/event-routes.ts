import { createEventRoute, getEventRoute, listEventsRoute } from '@onsale/contracts/http/api-routes';
import type { EventListing } from '@onsale/orders/catalogue/event-listing';
import { ApiError } from '@onsale/platform/http/api-error';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';
import { operatorRole, type Identity } from '@onsale/platform/identity/identity';

export interface EventRoutesDeps {
  readonly identity: Pick<Identity, 'requireBearer'>;
  readonly events: EventListing;
}

/** Serves `/api/events`: everybody reads, operators create. */
export function registerEventRoutes(app: HttpApp, { identity, events }: EventRoutesDeps): void {
  registerRoute(app, listEventsRoute, async (_request, reply) => {
    return await reply.header('cache-control', 'no-store').send(await events.list());
  });

  registerRoute(app, getEventRoute, async (request, reply) => {
    const event = await events.get(request.params.id);
    if (!event) throw new ApiError('not_found', 'There is no such event');
    return await reply.header('cache-control', 'no-store').send(event);
  });

  registerRoute(app, createEventRoute, async (request, reply) => {
    const caller = await identity.requireBearer(request);
    if (!caller.roles.includes(operatorRole)) {
      throw new ApiError('forbidden', `Creating an event needs the role ${operatorRole}`);
    }
    const { eventName, totalSeats, eventDate, timeZone = 'Asia/Seoul', price = 0 } = request.body;
    const created = await events.create({ eventName, totalSeats, eventDate, timeZone, priceMinor: price });
    if (created.outcome === 'invalid') throw new ApiError('bad_request', created.problem);
    return await reply
      .code(201)
      .header('location', `/api/events/${created.event.id}`)
      .header('cache-control', 'no-store')
      .send(created.event);
  });
}
