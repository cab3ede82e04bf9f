import { useEffect, useState } from 'react';
import type { Card } from '../api/payment-simulator.ts';
import type { SaleClient } from '../api/sale-client.ts';
import type { SaleEvent } from '../api/wire.ts';
import { clock } from '../clock/keep-clock.ts';
import { useSpeech } from '../i18n/language.tsx';
import { announce } from '../parts/announcer.tsx';
import { Countdown } from '../parts/countdown.tsx';
import { Notice } from '../parts/notice.tsx';
import { Screen } from '../parts/screen.tsx';
import type { Purchase } from '../purchase/purchase.ts';
import type { PurchaseStore } from '../purchase/purchase-store.ts';
import { findSeat, type House, readHouse, seatNumbers } from '../seat-map/house.ts';
import type { PageSettings } from '../session/page-settings.ts';

interface CheckoutScreenProps {
  readonly event: SaleEvent;
  readonly purchase: Extract<Purchase, { phase: 'held' | 'paying' }>;
  readonly client: SaleClient;
  readonly store: Pick<PurchaseStore, 'pay' | 'release' | 'dismissNotice'>;
  readonly payment: PageSettings['payment'];
  readonly busy: boolean;
}

/** When the time to pay is said aloud, seconds before its end. */
const warnAtSec = [60, 30, 10];

/** Held seats with their countdown, and the payment. */
export function CheckoutScreen({ event, purchase, client, store, payment, busy }: CheckoutScreenProps) {
  const { text, format } = useSpeech();
  const { hold, phase, place } = purchase;
  const house = useHouse(client, event.eventId, place.saleId);
  const [card, setCard] = useState<Card>('success');
  const isPaying = phase === 'paying';
  useTimeWarnings(hold.expiresAtMs);

  const seats = hold.seatIds.map((seatId) => {
    const { row, column } = seatNumbers(seatId);
    const priceMinor = house && findSeat(house, seatId)?.section.priceMinor;
    return { seatId, name: text.seatName(row, column), priceMinor };
  });
  const money = (amountMinor: number | undefined) =>
    amountMinor === undefined ? '…' : format.money(amountMinor, event.currency);
  const totalMinor = house && seats.reduce((sum, seat) => sum + (seat.priceMinor ?? 0), 0);

  return (
    <Screen title={text.heldTitle} intro={event.eventName} className="narrow">
      <Notice code={purchase.notice} onDismiss={store.dismissNotice} />
      <div className="panel">
        <Countdown label={text.heldFor} untilMs={hold.expiresAtMs} urgentBelowSec={30} />
        <ul className="seat-list">
          {seats.map(({ seatId, name, priceMinor }) => (
            <li key={seatId} data-seat={seatId}>
              <span>{name}</span>
              <span>{money(priceMinor)}</span>
            </li>
          ))}
        </ul>
        <p className="total">
          <span>{text.total}</span>
          <strong>{money(totalMinor)}</strong>
        </p>
      </div>
      <section className="panel" aria-label={text.paymentTitle}>
        <h2>{text.paymentTitle}</h2>
        {payment === 'simulator' && (
          <fieldset className="cards" disabled={isPaying}>
            <legend className="muted">{text.simulatorIntro}</legend>
            {(['success', 'failure'] as const).map((kind) => (
              <label key={kind} className="card-choice">
                <input type="radio" name="card" checked={card === kind} onChange={() => setCard(kind)} />
                {kind === 'success' ? text.cardWorks : text.cardDeclined}
              </label>
            ))}
          </fieldset>
        )}
        <div className="actions">
          <button
            type="button"
            className="button button-large"
            disabled={isPaying || busy || totalMinor === undefined}
            onClick={() => store.pay(card)}
          >
            {isPaying
              ? text.paying
              : payment === 'simulator'
                ? text.payNow(money(totalMinor))
                : text.payElsewhere(money(totalMinor))}
          </button>
          {!isPaying && (
            <button
              type="button"
              className="button button-quiet"
              disabled={busy}
              onClick={() => void store.release()}
            >
              {text.giveBack}
            </button>
          )}
        </div>
        <p role="status" className="muted">
          {isPaying && text.payingHint}
        </p>
      </section>
    </Screen>
  );
}

/** Prices by seat; read once, they do not change during a sale. */
function useHouse(client: SaleClient, eventId: string, saleId: string): House | undefined {
  const [house, setHouse] = useState<House>();
  useEffect(() => {
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      const answer = await client.seatMap(eventId, leaving.signal);
      if (answer.outcome === 'ok') setHouse(readHouse(answer.body).house);
      else timer = setTimeout(() => void read().catch(() => undefined), 1500);
    };
    void read().catch(() => undefined);
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [client, eventId, saleId]);
  return house;
}

function useTimeWarnings(expiresAtMs: number): void {
  const { text, format } = useSpeech();
  useEffect(() => {
    const timers = warnAtSec.map((leftSec) => {
      const inMs = expiresAtMs - leftSec * 1000 - clock.nowMs();
      if (inMs < 0) return undefined;
      return setTimeout(() => announce(text.timeLeftSpoken(format.duration(leftSec))), inMs);
    });
    return () => timers.forEach(clearTimeout);
  }, [expiresAtMs, text, format]);
}
