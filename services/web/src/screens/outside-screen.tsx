import type { SaleEvent } from '../api/wire.ts';
import { useNow } from '../clock/use-now.ts';
import { useSpeech } from '../i18n/language.tsx';
import { Countdown } from '../parts/countdown.tsx';
import { Notice } from '../parts/notice.tsx';
import { Screen } from '../parts/screen.tsx';
import type { NoticeCode } from '../purchase/purchase.ts';
import type { PageSettings } from '../session/page-settings.ts';
import { isPractice, stageOf } from '../shared/sale-stage.ts';
import { EventFacts } from './event-facts.tsx';
import { SignInForm } from './sign-in-form.tsx';

interface OutsideScreenProps {
  readonly event: SaleEvent;
  readonly signIn: PageSettings['signIn'];
  readonly notice: NoticeCode | null;
  /** Absent while nobody is signed in. */
  readonly onEnter?: () => void;
  readonly busy?: boolean;
}

/** An event before the buyer has entered its waiting room. */
export function OutsideScreen({ event, signIn, notice, onEnter, busy = false }: OutsideScreenProps) {
  const { text, format } = useSpeech();
  const stage = stageOf(event, useNow());
  const isSoldOut = event.availableSeats === 0;
  const canEnter = stage.state === 'room-open' || stage.state === 'on-sale';
  return (
    <Screen title={event.eventName} intro={<EventFacts event={event} />}>
      <Notice code={notice} />
      <div className="columns">
        <section className="panel sale-panel" aria-label={text.onSaleNow}>
          {stage.state === 'room-closed' && (
            <Countdown label={text.roomOpensIn} untilMs={stage.roomOpensAtMs} />
          )}
          {stage.state === 'room-open' && <Countdown label={text.saleOpensIn} untilMs={stage.opensAtMs} />}
          {stage.state === 'on-sale' && (
            <p className="on-sale">
              <span className={`pill ${isSoldOut ? '' : 'pill-open'}`}>
                {isSoldOut ? text.soldOut : text.onSaleNow}
              </span>
              <span className="muted">
                {text.ticketsOf(format.count(event.availableSeats), format.count(event.totalSeats))}
              </span>
            </p>
          )}
          {stage.state === 'on-sale' && isPractice(event) && (
            <Countdown label={text.saleClosesIn} untilMs={stage.closesAtMs} />
          )}
          {stage.state === 'on-sale' && isSoldOut && <p>{text.line.sold_out}</p>}
          {stage.state === 'closed' ? (
            <>
              <p>
                <span className="pill">{text.saleOver}</span>
              </p>
              <a className="button" href="#/">
                {text.allEvents}
              </a>
            </>
          ) : onEnter ? (
            <button
              type="button"
              className="button button-large"
              disabled={!canEnter || busy}
              onClick={onEnter}
            >
              {busy ? text.entering : text.enterRoom}
            </button>
          ) : (
            <>
              <h2>{text.signInTitle}</h2>
              <SignInForm signIn={signIn} />
            </>
          )}
        </section>
        <section className="how">
          <h2>{text.howItWorks}</h2>
          <ol className="steps">
            <li>{text.stepRoom}</li>
            <li>{text.stepSeats}</li>
            <li>{text.stepTickets}</li>
          </ol>
        </section>
      </div>
    </Screen>
  );
}
