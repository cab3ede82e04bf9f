import { useState } from 'react';
import type { SaleClient } from '../api/sale-client.ts';
import type { Order, SaleEvent } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { announce } from '../parts/announcer.tsx';
import { Notice } from '../parts/notice.tsx';
import { TicketCard } from '../parts/ticket-card.tsx';
import type { NoticeCode } from '../purchase/purchase.ts';
import { isPractice } from '../shared/sale-stage.ts';
import { CancelChoice } from './cancel-choice.tsx';

interface OrderCardProps {
  readonly order: Order;
  /** Unknown once the event is gone from the list. */
  readonly event: SaleEvent | undefined;
  readonly client: SaleClient;
  readonly onChanged: () => void;
}

/** An order with its tickets. */
export function OrderCard({ order, event, client, onChanged }: OrderCardProps) {
  const { text, format } = useSpeech();
  const [busy, setBusy] = useState(false);
  const [notice, setNotice] = useState<NoticeCode | null>(null);
  const [done, setDone] = useState('');
  const status = {
    CONFIRMED: text.statusConfirmed,
    PROCESSING: text.statusProcessing,
    REJECTED: text.statusRejected,
    CANCELLED: text.statusCancelled,
  }[order.status];

  const isRound = event !== undefined && isPractice(event);
  const price = format.money(order.amount, order.currency);

  const cancel = async () => {
    setBusy(true);
    const answer = await client.cancel(order.orderId);
    setBusy(false);
    if (answer.outcome === 'ok') {
      const words = text.cancelDone(format.money(answer.body.refundAmount, order.currency));
      setDone(words);
      announce(words);
    } else setNotice(answer.outcome === 'refused' ? answer.code : 'unreachable');
    onChanged();
  };

  return (
    <li className="panel order" data-order={order.orderId}>
      <div className="order-head">
        <div>
          <h2>{event?.eventName ?? order.eventId}</h2>
          <p className="muted">{text.orderNumber(order.orderId)}</p>
        </div>
        <div className="order-state">
          <span className={`pill ${order.status === 'CONFIRMED' ? 'pill-open' : ''}`}>{status}</span>
          <strong>{isRound ? text.playMoney(price) : price}</strong>
        </div>
      </div>
      <Notice code={notice} onDismiss={() => setNotice(null)} />
      {order.status === 'REJECTED' && (
        <p>
          {text.rejections[order.reason as keyof typeof text.rejections] ?? text.rejections.not_settled}{' '}
          {text.refundNote}
        </p>
      )}
      {done !== '' && <p>{done}</p>}
      {order.tickets.length > 0 && (
        <ul className="tickets">
          {order.tickets.map((ticket) => (
            <TicketCard
              key={ticket.ticketId}
              eventName={event?.eventName ?? order.eventId}
              when={event ? format.dateTime(event.eventDate) : ''}
              seatId={ticket.seatId}
              ticketId={ticket.ticketId}
              code={ticket.code}
              isValid={ticket.status === 'VALID'}
              stub={isRound ? 'practice' : 'code'}
            />
          ))}
        </ul>
      )}
      {order.status === 'CONFIRMED' && <CancelChoice busy={busy} onCancel={() => void cancel()} />}
    </li>
  );
}
