import type { SaleClient } from '../api/sale-client.ts';
import type { Order, SaleEvent } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { Screen } from '../parts/screen.tsx';
import { TicketCard } from '../parts/ticket-card.tsx';
import type { Place } from '../purchase/purchase.ts';
import { isPracticeSale } from '../shared/sale-stage.ts';
import { RoundHistory } from './round-history.tsx';
import { RoundRank } from './round-rank.tsx';

interface ResultScreenProps {
  readonly event: SaleEvent;
  readonly order: Order;
  readonly place: Place;
  readonly client: Pick<SaleClient, 'orders' | 'rank'>;
  readonly onAgain: () => void;
}

/** How the order ended: with tickets, or with the reason why not. */
export function ResultScreen({ event, order, place, client, onAgain }: ResultScreenProps) {
  const { text, format } = useSpeech();
  const isConfirmed = order.status === 'CONFIRMED' || order.status === 'CANCELLED';
  const isRound = isPracticeSale(place.saleId);
  if (!isConfirmed) {
    const reason =
      text.rejections[order.reason as keyof typeof text.rejections] ?? text.rejections.not_settled;
    return (
      <Screen title={text.rejectedTitle} intro={event.eventName} className="narrow">
        <div className="notice" role="alert">
          <p>
            <strong>{reason}</strong> {text.refundNote}
          </p>
        </div>
        <div className="actions">
          <button type="button" className="button" onClick={onAgain}>
            {text.chooseAgain}
          </button>
          <a className="button button-quiet" href="#/">
            {text.allEvents}
          </a>
        </div>
      </Screen>
    );
  }
  const price = format.money(order.amount, order.currency);
  const takenSec = (Date.parse(order.updatedAt) - place.opensAtMs) / 1000;
  return (
    <Screen
      title={isRound ? text.practiceDone : text.confirmedTitle}
      intro={isRound ? text.practiceNote : text.confirmedIntro}
    >
      {isRound && <RoundRank orderId={order.orderId} takenSec={takenSec} client={client} />}
      <ul className="tickets">
        {order.tickets.map((ticket) => (
          <TicketCard
            key={ticket.ticketId}
            eventName={event.eventName}
            when={format.dateTime(event.eventDate)}
            seatId={ticket.seatId}
            ticketId={ticket.ticketId}
            code={ticket.code}
            isValid={ticket.status === 'VALID'}
            stub={isRound ? 'practice' : 'code'}
          />
        ))}
      </ul>
      <p className="total order-total">
        <span className="muted">{text.orderNumber(order.orderId)}</span>
        <strong>{isRound ? text.playMoney(price) : price}</strong>
      </p>
      {isRound && <RoundHistory eventId={order.eventId} client={client} />}
      <div className="actions">
        {isRound ? (
          <button type="button" className="button" onClick={onAgain}>
            {text.nextRound}
          </button>
        ) : (
          <>
            <a className="button" href="#/orders">
              {text.myOrders}
            </a>
            <button type="button" className="button button-quiet" onClick={onAgain}>
              {text.buyMore}
            </button>
          </>
        )}
      </div>
    </Screen>
  );
}
