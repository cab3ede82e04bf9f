import { useState } from 'react';
import type { SaleClient } from '../api/sale-client.ts';
import type { Reservation, SaleEvent } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { announce } from '../parts/announcer.tsx';
import { Notice } from '../parts/notice.tsx';
import { TicketCard } from '../parts/ticket-card.tsx';
import type { NoticeCode } from '../purchase/purchase.ts';
import { isPractice } from '../shared/sale-stage.ts';
import { CancelChoice } from './cancel-choice.tsx';

interface ReservationCardProps {
  readonly reservation: Reservation;
  readonly event: SaleEvent | undefined;
  readonly client: SaleClient;
  readonly onChanged: () => void;
}

/** Tickets without seats; one number stands for them all. */
export function ReservationCard({ reservation, event, client, onChanged }: ReservationCardProps) {
  const { text, format } = useSpeech();
  const [busy, setBusy] = useState(false);
  const [notice, setNotice] = useState<NoticeCode | null>(null);
  const isValid = reservation.status === 'CONFIRMED';
  const name = event?.eventName ?? String(reservation.eventId);

  const cancel = async () => {
    setBusy(true);
    const answer = await client.cancelReservation(reservation.id);
    setBusy(false);
    if (answer.outcome === 'ok') announce(text.statusCancelled);
    else setNotice(answer.outcome === 'refused' ? answer.code : 'unreachable');
    onChanged();
  };

  return (
    <li className="panel order" data-reservation={reservation.id}>
      <div className="order-head">
        <div>
          <h2>{name}</h2>
          <p className="muted">
            {text.reservationTickets(reservation.quantity)} · {text.reservationNumber(String(reservation.id))}
          </p>
        </div>
        <span className={`pill ${isValid ? 'pill-open' : ''}`}>
          {isValid ? text.statusConfirmed : text.statusCancelled}
        </span>
      </div>
      <Notice code={notice} onDismiss={() => setNotice(null)} />
      <ul className="tickets">
        <TicketCard
          eventName={`${name} · ${text.reservationTickets(reservation.quantity)}`}
          when={event ? format.dateTime(event.eventDate) : ''}
          seatId={null}
          ticketId={String(reservation.id)}
          code={reservation.code}
          isValid={isValid}
          stub={event && isPractice(event) ? 'practice' : 'code'}
        />
      </ul>
      {isValid && <CancelChoice busy={busy} onCancel={() => void cancel()} />}
    </li>
  );
}
