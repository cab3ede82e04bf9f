import type { EventDefinition } from './event-definition.ts';
import type { SeatMap } from './seat-map.ts';

/** An event the services sell by, as the catalogue hands it out; the same object until the event changes. */
export interface PublishedEvent {
  readonly event: EventDefinition;
  /** Empty for general admission. */
  readonly seatMap: SeatMap;
  /** The number existing clients know it by. */
  readonly number: number;
  /** Set once the event is cancelled, for good: nothing of it is sold any more. */
  readonly cancellation?: EventCancellation | undefined;
}

/** That an event does not take place, since when, and why by its organiser's word. */
export interface EventCancellation {
  readonly atMs: number;
  readonly reason: string;
}

/** Finds published events; answers come from memory once read, at most two seconds old. */
export interface EventCatalogue {
  /** By event id; undefined when there is none. Rejects when neither memory nor PostgreSQL can tell. */
  find(eventId: string): Promise<PublishedEvent | undefined>;
  /** All published events. */
  list(): Promise<readonly PublishedEvent[]>;
}
