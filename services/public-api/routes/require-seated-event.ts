import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { ApiError } from '@onsale/platform/http/api-error';

/** Like {@link requireSeatedEvent}, for who wants to buy: 409 when the event is cancelled. */
export async function requireEventOnSale(
  catalogue: Pick<EventCatalogue, 'find'>,
  eventId: string,
): Promise<PublishedEvent> {
  const published = await requireSeatedEvent(catalogue, eventId);
  if (published.cancellation) {
    throw new ApiError('event_cancelled', 'The event is cancelled; whoever has paid gets the money back');
  }
  return published;
}

/** Finds a published event with seats; 404 when there is none, 400 when its tickets have no seats. */
export async function requireSeatedEvent(
  catalogue: Pick<EventCatalogue, 'find'>,
  eventId: string,
): Promise<PublishedEvent> {
  const published = await catalogue.find(eventId);
  if (!published) throw new ApiError('not_found', `There is no event ${eventId}`);
  if (published.event.generalAdmission) {
    throw new ApiError(
      'bad_request',
      `${eventId} is general admission and has no seats: reserve tickets with POST /api/reservations`,
    );
  }
  return published;
}
