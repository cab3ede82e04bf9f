import type { SaleEvent } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { Screen } from '../parts/screen.tsx';

/** An event that will not take place: in the place of whatever its buyers were doing. */
export function CancelledScreen({ event }: { event: SaleEvent }) {
  const { text, format } = useSpeech();
  return (
    <Screen
      title={text.cancelledTitle}
      intro={`${event.eventName} · ${format.dateTime(event.eventDate)}`}
      className="narrow"
    >
      <div className="panel" data-notice="event_cancelled">
        <p>
          <strong>{text.cancelledRefund}</strong> {text.cancelledWait}
        </p>
      </div>
      <p>{text.cancelledTickets}</p>
      <div className="actions">
        <a className="button" href="#/orders">
          {text.myOrders}
        </a>
        <a className="button button-quiet" href="#/">
          {text.allEvents}
        </a>
      </div>
    </Screen>
  );
}
