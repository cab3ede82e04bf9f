import { useSpeech } from '../i18n/language.tsx';
import { seatNumbers } from '../seat-map/house.ts';
import { QrCode } from './qr-code.tsx';

interface TicketCardProps {
  readonly eventName: string;
  readonly when: string;
  readonly seatId: string | null;
  readonly ticketId: string;
  readonly isValid: boolean;
}

/** One ticket, as it is shown at the entrance. */
export function TicketCard({ eventName, when, seatId, ticketId, isValid }: TicketCardProps) {
  const { text } = useSpeech();
  const { row, column } = seatNumbers(seatId ?? '');
  const seat = seatId === null ? text.standing : text.seatName(row, column);
  return (
    <li className={`ticket ${isValid ? '' : 'ticket-void'}`} data-ticket={ticketId}>
      <div className="ticket-text">
        <p className="ticket-event">{eventName}</p>
        <p className="muted">{when}</p>
        <p className="ticket-seat">{seat}</p>
        <p className="ticket-id">{ticketId}</p>
      </div>
      <div className="ticket-code">
        {isValid ? (
          <QrCode content={ticketId} label={text.ticketCode(seat)} />
        ) : (
          <p className="ticket-void-word">{text.ticketCancelled}</p>
        )}
      </div>
    </li>
  );
}
