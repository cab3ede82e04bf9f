import { useSpeech } from '../i18n/language.tsx';
import { seatNumbers } from '../seat-map/house.ts';
import { QrCode } from './qr-code.tsx';

interface TicketCardProps {
  readonly eventName: string;
  readonly when: string;
  readonly seatId: string | null;
  readonly ticketId: string;
  /** Signed; what the gate checks. Where tickets are not signed the code says the ticket's id. */
  readonly code?: string | undefined;
  readonly isValid: boolean;
  /** `code`: a QR code the gate reads. `practice`: it must not look like a ticket that admits somebody. */
  readonly stub: 'code' | 'practice';
}

/** One ticket, as it is shown at the entrance. */
export function TicketCard({ eventName, when, seatId, ticketId, code, isValid, stub }: TicketCardProps) {
  const { text } = useSpeech();
  const { row, column } = seatNumbers(seatId ?? '');
  const seat = seatId === null ? text.standing : text.seatName(row, column);
  return (
    <li className={`ticket ${isValid ? '' : 'ticket-void'}`} data-ticket={ticketId}>
      <div className="ticket-text">
        <p className="ticket-event">{eventName}</p>
        <p className="muted">{when}</p>
        <p className="ticket-seat">{seat}</p>
        {/* For a gate whose scanner fails: the code can be typed. */}
        {isValid && stub === 'code' && <p className="ticket-id">{code ?? ticketId}</p>}
      </div>
      <div className="ticket-code">
        {!isValid && <p className="ticket-void-word">{text.ticketCancelled}</p>}
        {isValid && stub === 'practice' && <p className="ticket-void-word">{text.practiceTicket}</p>}
        {isValid && stub === 'code' && <QrCode content={code ?? ticketId} label={text.ticketCode(seat)} />}
      </div>
    </li>
  );
}
