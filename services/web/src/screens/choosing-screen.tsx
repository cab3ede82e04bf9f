import { useEffect, useState } from 'react';
import type { SaleClient } from '../api/sale-client.ts';
import type { SaleEvent } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { announce } from '../parts/announcer.tsx';
import { Countdown } from '../parts/countdown.tsx';
import { Notice } from '../parts/notice.tsx';
import { Screen } from '../parts/screen.tsx';
import type { NoticeCode, Purchase } from '../purchase/purchase.ts';
import type { PurchaseStore } from '../purchase/purchase-store.ts';
import { seatNumbers, seatsGone } from '../seat-map/house.ts';
import { SeatMap } from '../seat-map/seat-map.tsx';
import { nothingSelected, toggleSeat, withoutSeats } from '../seat-map/selection.ts';
import { useSeatFeed } from '../seat-map/use-seat-feed.ts';
import { isPracticeSale } from '../shared/sale-stage.ts';
import { BestAvailable } from './best-available.tsx';
import { SelectedSeats } from './selected-seats.tsx';

interface ChoosingScreenProps {
  readonly event: SaleEvent;
  readonly purchase: Extract<Purchase, { phase: 'choosing' | 'holding' }>;
  readonly client: SaleClient;
  readonly store: Pick<PurchaseStore, 'hold' | 'dismissNotice'>;
}

/** What one person may choose where the event does not say. */
const defaultLimit = 4;

/** The seat map, what is selected on it, and the quick way round it. */
export function ChoosingScreen({ event, purchase, client, store }: ChoosingScreenProps) {
  const { text, format } = useSpeech();
  const { place, phase } = purchase;
  const limit = event.perBuyer ?? defaultLimit;
  const feed = useSeatFeed(client, event.eventId, place.saleId);
  const [selection, setSelection] = useState(nothingSelected);
  const [openId, setOpenId] = useState<string | null>(null);
  const [gone, setGone] = useState<NoticeCode | null>(null);
  const isHolding = phase === 'holding';

  // Somebody took a seat that was only selected: said at once, not when the hold is refused.
  useEffect(() => {
    if (!feed || isHolding) return;
    const lost = seatsGone(feed.house, feed.states, selection.seatIds);
    if (lost.length === 0) return;
    setSelection((before) => withoutSeats(before, lost));
    setGone('seats_gone');
  }, [feed, selection, isHolding]);

  const onToggle = (sectionId: string, seatId: string) => {
    const { row, column } = seatNumbers(seatId);
    const seat = text.seatName(row, column);
    if (
      feed &&
      !selection.seatIds.includes(seatId) &&
      seatsGone(feed.house, feed.states, [seatId]).length > 0
    ) {
      announce(`${seat}, ${text.seatTaken}`);
      return;
    }
    const toggled = toggleSeat(selection, sectionId, seatId, limit);
    setGone(null);
    if (toggled.outcome === 'limit-reached') return announce(text.limitOfSelection(format.count(limit)));
    setSelection(toggled.selection);
    if (toggled.outcome === 'moved') announce(text.anotherSection);
    if (toggled.outcome === 'selected') announce(`${seat}, ${text.seatSelected}`);
    if (toggled.outcome === 'deselected') announce(text.removeSeat(seat));
  };
  const { notice } = purchase;
  return (
    <Screen
      title={text.chooseTitle}
      intro={`${event.eventName} · ${text.chooseIntro(format.count(limit))}`}
      className="wide"
    >
      <Notice code={notice ?? gone} onDismiss={() => (notice ? store.dismissNotice() : setGone(null))} />
      {isPracticeSale(place.saleId) && (
        <Countdown label={text.saleClosesIn} untilMs={place.closesAtMs} urgentBelowSec={10} />
      )}
      <div className="choose">
        <div className="panel map-panel">
          <p className="visually-hidden">{text.chooseHelp}</p>
          {feed ? (
            <SeatMap
              house={feed.house}
              states={feed.states}
              selectedIds={selection.seatIds}
              openId={openId}
              onOpen={setOpenId}
              onToggle={onToggle}
            />
          ) : (
            <p className="muted">{text.loading}</p>
          )}
          <p className="live muted">
            <span className={`dot ${feed?.late ? 'dot-late' : ''}`} aria-hidden="true" />
            {feed?.late ? text.mapLate : text.liveSeats}
          </p>
        </div>
        {feed && (
          <aside className="choose-side">
            <SelectedSeats
              house={feed.house}
              selection={selection}
              isHolding={isHolding}
              onRemove={(seatId) => setSelection(withoutSeats(selection, [seatId]))}
              onHold={() => void store.hold({ seatIds: selection.seatIds })}
            />
            <BestAvailable
              key={openId}
              openId={openId}
              house={feed.house}
              states={feed.states}
              limit={limit}
              isHolding={isHolding}
              onHold={(section, seatCount) => void store.hold({ section, seatCount })}
            />
          </aside>
        )}
      </div>
    </Screen>
  );
}
