import { useCallback } from 'react';
import { createSaleClient } from '../api/sale-client.ts';
import type { SaleEvent } from '../api/wire.ts';
import { useNow } from '../clock/use-now.ts';
import { useSpeech } from '../i18n/language.tsx';
import { ConnectionBanner } from '../parts/connection-banner.tsx';
import { Screen } from '../parts/screen.tsx';
import { isPractice, stageOf } from '../shared/sale-stage.ts';
import { usePolled } from '../shared/use-polled.ts';

const client = createSaleClient('');

/** All events, soonest first. */
export function EventListScreen() {
  const { text } = useSpeech();
  const { value: events, trouble } = usePolled(
    useCallback((signal: AbortSignal) => client.events(signal), []),
    5000,
  );
  return (
    <Screen title={text.eventsTitle} intro={text.eventsIntro}>
      <ConnectionBanner connection={trouble ? 'reconnecting' : 'ok'} />
      {events === undefined && !trouble && <p className="muted">{text.loading}</p>}
      {events?.length === 0 && <p className="panel">{text.noEvents}</p>}
      <ul className="event-cards">
        {events?.map((event) => (
          <EventCard key={event.id} event={event} />
        ))}
      </ul>
    </Screen>
  );
}

function EventCard({ event }: { event: SaleEvent }) {
  const { text, format } = useSpeech();
  const now = useNow();
  const stage = stageOf(event, now);
  const { month, day, weekday } = format.day(event.eventDate);
  const isCancelled = Boolean(event.cancelledAt);
  const saleStatus = {
    'room-closed': () => text.opensIn(format.duration((stage.opensAtMs - now) / 1000)),
    'room-open': () => text.opensIn(format.duration((stage.opensAtMs - now) / 1000)),
    'on-sale': () => (event.availableSeats === 0 ? text.soldOut : text.onSaleNow),
    closed: () => text.saleOver,
  }[stage.state]();
  const isOpen = !isCancelled && stage.state === 'on-sale' && event.availableSeats > 0;
  return (
    <li>
      <a className="event-card" href={`#/events/${event.eventId}`} data-event={event.eventId}>
        <span className="event-date" aria-hidden="true">
          <span>{month}</span>
          <strong>{day}</strong>
          <span>{weekday}</span>
        </span>
        <span className="event-text">
          <span className="event-name">
            {event.eventName}
            {isPractice(event) && <span className="tag">{text.practice}</span>}
          </span>
          <span className="muted">{format.dateTime(event.eventDate)}</span>
          <span className="muted">
            {event.seated ? text.seated : text.standing}
            {event.price !== null && ` · ${text.priceEach(format.money(event.price, event.currency))}`}
          </span>
        </span>
        <span className="event-state">
          <span className={`pill ${isOpen ? 'pill-open' : ''}`}>
            {isCancelled ? text.statusCancelled : saleStatus}
          </span>
          {!isCancelled && stage.state !== 'closed' && (
            <span className="muted">
              {text.ticketsOf(format.count(event.availableSeats), format.count(event.totalSeats))}
            </span>
          )}
        </span>
      </a>
    </li>
  );
}
