import { useEffect, useRef } from 'react';
import type { SaleEvent } from '../api/wire.ts';
import { useNow } from '../clock/use-now.ts';
import { useSpeech } from '../i18n/language.tsx';
import { announce } from '../parts/announcer.tsx';
import { Countdown } from '../parts/countdown.tsx';
import { Screen } from '../parts/screen.tsx';
import type { Place } from '../purchase/purchase.ts';
import { type Standing, type TurnNow, turnAt } from '../purchase/standing.ts';
import { EventFacts } from './event-facts.tsx';

interface WaitingScreenProps {
  readonly event: SaleEvent;
  readonly place: Place;
  readonly standing: Standing | undefined;
}

/** A person who listens hears where they are this often. */
const announceEveryMs = 30_000;

/** The waiting room: the countdown before the opening, the place and the time to go after it. */
export function WaitingScreen({ event, place, standing }: WaitingScreenProps) {
  const { text, format } = useSpeech();
  const now = useNow();
  const turn = standing && turnAt(standing, now);
  const isOpen = now >= place.opensAtMs;
  return (
    <Screen title={text.waitingTitle} intro={event.eventName} className="narrow">
      <div className="panel waiting">
        {!isOpen && <Countdown label={text.saleOpensIn} untilMs={place.opensAtMs} />}
        {!isOpen && <p>{text.waitingBeforeDraw}</p>}
        {isOpen && !turn?.drawn && <p className="waiting-place">{text.openingNow}</p>}
        {isOpen && turn?.drawn && <InLine turn={turn} saleId={place.saleId} joinIndex={place.joinIndex} />}
      </div>
      <p className="kept">{text.placeKept}</p>
      <details>
        <summary>{text.drawDetails}</summary>
        <p>{text.drawExplained(format.count(place.joinIndex))}</p>
        <p className="muted">
          <EventFacts event={event} />
        </p>
      </details>
    </Screen>
  );
}

interface InLineProps {
  readonly turn: TurnNow;
  readonly saleId: string;
  readonly joinIndex: number;
}

function InLine({ turn, saleId, joinIndex }: InLineProps) {
  const { text, format } = useSpeech();
  const { position, leftSec, admission } = turn;
  const first = useFirstPosition(`${saleId}.${joinIndex}`, position);
  const share = first === 0 ? 1 : 1 - position / first;
  const before = position === 0 ? text.nextInLine : text.peopleBefore(position, format.count(position));
  // Nobody knows the second from minutes away.
  const honestSec = leftSec > 90 ? Math.ceil(leftSec / 60) * 60 : leftSec;
  const left = text.yourTurnIn(format.duration(honestSec));
  const why = admission === 'open' ? undefined : text.line[admission];
  // A line that stands has no time to go that anybody knows.
  const isMoving = admission === 'open' || admission === 'slowed';

  const saidAtMs = useRef(0);
  useEffect(() => {
    if (performance.now() - saidAtMs.current < announceEveryMs && saidAtMs.current > 0) return;
    saidAtMs.current = performance.now();
    announce(isMoving ? `${before}. ${left}` : before);
  });
  useEffect(() => {
    if (why !== undefined) announce(why);
  }, [why]);

  return (
    <>
      <p className="waiting-place">{before}</p>
      <progress max={1} value={share} aria-label={text.waitingProgress} />
      {isMoving && <p className="waiting-left">{left}</p>}
      {why !== undefined && (
        <p className="waiting-why" data-admission={admission}>
          {why}
        </p>
      )}
    </>
  );
}

/** The position this browser saw first, so that the bar goes on after a refresh where it was. */
function useFirstPosition(key: string, position: number): number {
  const storageKey = `onsale.first-position.${key}`;
  const known = Number(sessionStorage.getItem(storageKey) ?? 0);
  const first = Math.max(known, position);
  useEffect(() => {
    if (first > known) sessionStorage.setItem(storageKey, String(first));
  }, [first, known, storageKey]);
  return first;
}
