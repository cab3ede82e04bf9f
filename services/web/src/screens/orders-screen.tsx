import { useCallback, useEffect, useMemo } from 'react';
import { apiBaseFor } from '../api/api-base.ts';
import { type Buyer, createSaleClient } from '../api/sale-client.ts';
import type { SaleEvent } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { ConnectionBanner } from '../parts/connection-banner.tsx';
import { Notice } from '../parts/notice.tsx';
import { Screen } from '../parts/screen.tsx';
import { session } from '../session/session.ts';
import { usePolled } from '../shared/use-polled.ts';
import { OrderCard } from './order-card.tsx';
import { ReservationCard } from './reservation-card.tsx';

const listClient = createSaleClient('');

/** Everything the buyer has, over all Regions that sell. */
export function OrdersScreen({ buyer }: { buyer: Buyer }) {
  const { text } = useSpeech();
  const { value: events } = usePolled(
    useCallback((signal: AbortSignal) => listClient.events(signal), []),
    60_000,
  );
  const bases = [...new Set((events ?? []).map(({ apiBase }) => apiBaseFor(apiBase, location)))];
  return (
    <Screen title={text.ordersTitle} intro={text.ordersIntro}>
      {!events && <p className="muted">{text.loading}</p>}
      {events &&
        (bases.length > 0 ? bases : ['']).map((base) => <OrdersOf key={base} {...{ base, buyer, events }} />)}
    </Screen>
  );
}

interface OrdersOfProps {
  readonly base: string;
  readonly buyer: Buyer;
  readonly events: readonly SaleEvent[];
}

function OrdersOf({ base, buyer, events }: OrdersOfProps) {
  const { text } = useSpeech();
  const client = useMemo(() => createSaleClient(base, buyer), [base, buyer]);
  const orders = usePolled(
    useCallback((signal: AbortSignal) => client.orders(signal), [client]),
    5000,
  );
  const reservations = usePolled(
    useCallback((signal: AbortSignal) => client.reservations(signal), [client]),
    5000,
  );
  const trouble = orders.trouble ?? reservations.trouble;
  const known = orders.value && reservations.value;
  const isSessionOver = trouble?.outcome === 'refused' && trouble.code === 'unauthorized';
  useEffect(() => {
    if (isSessionOver) session.set(null);
  }, [isSessionOver]);
  return (
    <>
      <ConnectionBanner connection={trouble?.outcome === 'unreachable' ? 'reconnecting' : 'ok'} />
      {trouble?.outcome === 'refused' && <Notice code={trouble.code} />}
      {!known && !trouble && <p className="muted">{text.loading}</p>}
      {known && orders.value?.orders.length === 0 && reservations.value?.length === 0 && (
        <>
          <p className="panel">{text.noOrders}</p>
          <div className="actions">
            <a className="button" href="#/">
              {text.allEvents}
            </a>
          </div>
        </>
      )}
      <ul className="orders">
        {orders.value?.orders.map((order) => (
          <OrderCard
            key={order.orderId}
            order={order}
            event={events.find(({ eventId }) => eventId === order.eventId)}
            client={client}
            onChanged={orders.refresh}
          />
        ))}
        {reservations.value?.map((reservation) => (
          <ReservationCard
            key={reservation.id}
            reservation={reservation}
            event={events.find(({ id, eventId }) => [id, eventId].includes(reservation.eventId))}
            client={client}
            onChanged={reservations.refresh}
          />
        ))}
      </ul>
    </>
  );
}
