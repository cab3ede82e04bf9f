import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { apiBaseFor } from '../api/api-base.ts';
import { type Buyer, createSaleClient, type SaleClient } from '../api/sale-client.ts';
import type { SaleEvent } from '../api/wire.ts';
import { clock } from '../clock/keep-clock.ts';
import { useSpeech } from '../i18n/language.tsx';
import { announce } from '../parts/announcer.tsx';
import { ConnectionBanner } from '../parts/connection-banner.tsx';
import { Screen } from '../parts/screen.tsx';
import { outside, type Purchase } from '../purchase/purchase.ts';
import { createPurchaseStore } from '../purchase/purchase-store.ts';
import type { PageSettings } from '../session/page-settings.ts';
import { session } from '../session/session.ts';
import { createSharedValue } from '../shared/shared-value.ts';
import { usePolled } from '../shared/use-polled.ts';
import { CancelledScreen } from './cancelled-screen.tsx';
import { CheckoutScreen } from './checkout-screen.tsx';
import { ChoosingScreen } from './choosing-screen.tsx';
import { ConfirmingScreen } from './confirming-screen.tsx';
import { OutsideScreen } from './outside-screen.tsx';
import { ResultScreen } from './result-screen.tsx';
import { StandingScreen } from './standing-screen.tsx';
import { WaitingScreen } from './waiting-screen.tsx';

interface EventScreenProps {
  readonly eventId: string;
  readonly buyer: Buyer | null;
  readonly settings: PageSettings;
}

const listClient = createSaleClient('');

/** One event: whatever screen its sale and this buyer's purchase are at. */
export function EventScreen({ eventId, buyer, settings }: EventScreenProps) {
  const { text } = useSpeech();
  const [isSessionOver, setSessionOver] = useState(false);
  const onSessionOver = useCallback(() => setSessionOver(true), []);
  const { value: event, trouble } = usePolled(
    useCallback((signal: AbortSignal) => listClient.event(eventId, signal), [eventId]),
    4000,
  );
  if (!event) {
    if (!trouble) return <p className="muted">{text.loading}</p>;
    const isMissing = trouble.outcome === 'refused' && trouble.code === 'not_found';
    return (
      <>
        {!isMissing && <ConnectionBanner connection="reconnecting" />}
        <Screen title={isMissing ? text.eventMissing : text.loading}>
          <div className="actions">
            <a className={isMissing ? 'button' : 'button button-quiet'} href="#/">
              {text.allEvents}
            </a>
          </div>
        </Screen>
      </>
    );
  }
  // Told by the event, not by room-status: whoever waits, chooses or pays learns it, and the waiting room pays nothing.
  if (event.cancelledAt) return <CancelledScreen event={event} />;
  if (!event.seated) return <StandingScreen event={event} buyer={buyer} signIn={settings.signIn} />;
  if (!buyer)
    return (
      <OutsideScreen event={event} signIn={settings.signIn} notice={isSessionOver ? 'unauthorized' : null} />
    );
  // Another buyer is another purchase.
  return (
    <EventPurchase
      key={buyer.userId}
      event={event}
      buyer={buyer}
      settings={settings}
      onSessionOver={onSessionOver}
    />
  );
}

interface EventPurchaseProps {
  readonly event: SaleEvent;
  readonly buyer: Buyer;
  readonly settings: PageSettings;
  readonly onSessionOver: () => void;
}

function EventPurchase({ event, buyer, settings, onSessionOver }: EventPurchaseProps) {
  const { text } = useSpeech();
  const { eventId } = event;
  const apiBase = apiBaseFor(event.apiBase, location);
  const client = useMemo(() => createSaleClient(apiBase, buyer), [apiBase, buyer]);
  const store = useMemo(() => {
    const key = `onsale.purchase.${buyer.userId}.${eventId}`;
    const kept = createSharedValue<Purchase>(key, outside, localStorage, window);
    const { userId } = buyer;
    return createPurchaseStore({ eventId, userId, client, clock, kept, payment: settings.payment });
  }, [buyer, client, eventId, settings]);
  const view = useSyncExternalStore(store.subscribe, store.get);
  const { purchase } = view;

  const { phase, notice } = purchase;
  // The token is no good any more; the purchase is kept for when the buyer has signed in again.
  useEffect(() => {
    if (notice !== 'unauthorized') return;
    store.dismissNotice();
    onSessionOver();
    session.set(null);
  }, [notice, store, onSessionOver]);
  useEffect(() => {
    if (phase === 'choosing') announce(text.turnCame);
    if (phase === 'ended') announce('');
  }, [phase, text]);

  return (
    <>
      <ConnectionBanner connection={view.connection} />
      <PurchaseScreen {...{ event, settings, client, store, view }} />
    </>
  );
}

interface PurchaseScreenProps {
  readonly event: SaleEvent;
  readonly settings: PageSettings;
  readonly client: SaleClient;
  readonly store: ReturnType<typeof createPurchaseStore>;
  readonly view: ReturnType<ReturnType<typeof createPurchaseStore>['get']>;
}

function PurchaseScreen({ event, settings, client, store, view }: PurchaseScreenProps) {
  const { purchase, busy } = view;
  switch (purchase.phase) {
    case 'outside':
      return (
        <OutsideScreen
          event={event}
          signIn={settings.signIn}
          notice={purchase.notice}
          onEnter={() => void store.enter()}
          busy={busy}
        />
      );
    case 'waiting':
      return <WaitingScreen event={event} place={purchase.place} standing={view.standing} />;
    case 'choosing':
    case 'holding':
      return <ChoosingScreen event={event} purchase={purchase} client={client} store={store} />;
    case 'held':
    case 'paying':
      return (
        <CheckoutScreen
          event={event}
          purchase={purchase}
          client={client}
          store={store}
          payment={settings.payment}
          busy={busy}
        />
      );
    case 'confirming':
      return <ConfirmingScreen event={event} />;
    case 'ended':
      return (
        <ResultScreen
          event={event}
          order={purchase.order}
          client={client}
          place={purchase.place}
          onAgain={store.beginAgain}
        />
      );
  }
}
