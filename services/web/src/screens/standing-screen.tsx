import { useRef, useState } from 'react';
import { apiBaseFor } from '../api/api-base.ts';
import { type Buyer, createSaleClient } from '../api/sale-client.ts';
import type { Reservation, SaleEvent } from '../api/wire.ts';
import { useNow } from '../clock/use-now.ts';
import { useSpeech } from '../i18n/language.tsx';
import { Countdown } from '../parts/countdown.tsx';
import { Notice } from '../parts/notice.tsx';
import { Screen } from '../parts/screen.tsx';
import { Stepper } from '../parts/stepper.tsx';
import { TicketCard } from '../parts/ticket-card.tsx';
import type { NoticeCode } from '../purchase/purchase.ts';
import type { PageSettings } from '../session/page-settings.ts';
import { isPractice, stageOf } from '../shared/sale-stage.ts';
import { EventFacts } from './event-facts.tsx';
import { SignInForm } from './sign-in-form.tsx';

interface StandingScreenProps {
  readonly event: SaleEvent;
  readonly buyer: Buyer | null;
  readonly signIn: PageSettings['signIn'];
}

/** Most of these one request may take. */
const requestLimit = 100;

/** Tickets without seats: choose how many, and have them at once. */
export function StandingScreen({ event, buyer, signIn }: StandingScreenProps) {
  const { text, format } = useSpeech();
  const stage = stageOf(event, useNow());
  const limit = Math.min(event.perBuyer ?? requestLimit, requestLimit);
  const [quantity, setQuantity] = useState(1);
  const [busy, setBusy] = useState(false);
  const [notice, setNotice] = useState<NoticeCode | null>(null);
  const [taken, setTaken] = useState<Reservation>();
  // A request whose answer was lost is repeated under its key, and takes nothing twice.
  const key = useRef(`reservation-${crypto.randomUUID()}`);

  const take = async (who: Buyer) => {
    setBusy(true);
    setNotice(null);
    const client = createSaleClient(apiBaseFor(event.apiBase, location), who);
    const answer = await client.reserve(event.eventId, quantity, key.current);
    setBusy(false);
    if (answer.outcome === 'ok') {
      key.current = `reservation-${crypto.randomUUID()}`;
      setTaken(answer.body);
    } else setNotice(answer.outcome === 'refused' ? answer.code : 'unreachable');
  };

  if (taken) {
    return (
      <Screen
        key="taken"
        title={text.takenTitle}
        intro={isPractice(event) ? text.practiceNote : text.takenIntro}
      >
        <ul className="tickets">
          <TicketCard
            eventName={`${event.eventName} · ${text.reservationTickets(taken.quantity)}`}
            when={format.dateTime(event.eventDate)}
            seatId={null}
            ticketId={String(taken.id)}
            code={taken.code}
            isValid
            stub={isPractice(event) ? 'practice' : 'code'}
          />
        </ul>
        <div className="actions">
          <a className="button" href="#/orders">
            {text.myOrders}
          </a>
        </div>
      </Screen>
    );
  }
  return (
    <Screen title={event.eventName} intro={<EventFacts event={event} />} className="narrow">
      <Notice code={notice} onDismiss={() => setNotice(null)} />
      <section className="panel sale-panel" aria-label={text.standingTitle}>
        {stage.state === 'on-sale' || stage.state === 'closed' ? (
          <p className="on-sale">
            <span
              className={`pill ${stage.state === 'on-sale' && event.availableSeats > 0 ? 'pill-open' : ''}`}
            >
              {stage.state === 'closed'
                ? text.saleOver
                : event.availableSeats === 0
                  ? text.soldOut
                  : text.onSaleNow}
            </span>
            <span className="muted">
              {text.ticketsOf(format.count(event.availableSeats), format.count(event.totalSeats))}
            </span>
          </p>
        ) : (
          <Countdown label={text.saleOpensIn} untilMs={stage.opensAtMs} />
        )}
        {buyer ? (
          <>
            <h2>{text.standingTitle}</h2>
            <Stepper label={text.howManyTickets} value={quantity} max={limit} onChange={setQuantity} />
            <p className="total">
              <span>{text.total}</span>
              <strong>{format.money((event.price ?? 0) * quantity, event.currency)}</strong>
            </p>
            <button
              type="button"
              className="button button-large"
              disabled={busy || stage.state !== 'on-sale' || event.availableSeats < quantity}
              onClick={() => void take(buyer)}
            >
              {text.takeTickets(quantity)}
            </button>
          </>
        ) : (
          <>
            <h2>{text.signInTitle}</h2>
            <SignInForm signIn={signIn} />
          </>
        )}
      </section>
    </Screen>
  );
}
