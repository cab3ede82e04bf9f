import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { ApiError } from '@onsale/platform/http/api-error';

/** Like {@link requireSeatedEvent}, for who wants to buy: 409 when the event is cancelled. */
export function requireEventOnSale(eventId: string, found: PublishedEvent | undefined): PublishedEvent {
  const published = requireSeatedEvent(eventId, found);
  if (published.cancellation) {
    throw new ApiError('event_cancelled', 'The event is cancelled; whoever has paid gets the money back');
  }
  return published;
}

/** The event that was found, when it has seats; 404 when there is none, 400 when its tickets have no seats. */
export function requireSeatedEvent(eventId: string, found: PublishedEvent | undefined): PublishedEvent {
  if (!found) throw new ApiError('not_found', `There is no event ${eventId}`);
  if (found.event.generalAdmission) {
    throw new ApiError(
      'bad_request',
      `${eventId} is general admission and has no seats: reserve tickets with POST /api/reservations`,
    );
  }
  return found;
}
