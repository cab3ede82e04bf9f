import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import { useCallback } from 'react';
import { useNow } from '../clock/use-now.ts';
import { Countdown } from '../parts/countdown.tsx';
import { Screen } from '../parts/screen.tsx';
import { usePolled } from '../shared/use-polled.ts';
import { AdmissionPanel } from './admission-panel.tsx';
import type { AdminClient } from './admin-client.ts';
import { CancelEvent } from './cancel-event.tsx';
import { PhasePill } from './phase-pill.tsx';
import { CapacityFigures, MoneyFigures, StockFigures } from './sale-figures.tsx';
import { SaleFunnel } from './sale-funnel.tsx';
import { phaseAt } from './sale-phase.ts';
import { Trouble } from './trouble.tsx';
import { useWords } from './use-words.ts';

interface SaleScreenProps {
  readonly eventId: string;
  readonly client: AdminClient;
}

/** The services count at most once a second. */
const everyMs = 1000;

/** One sale, live: where its buyers are, what it can take, and what its operator can do. */
export function SaleScreen({ eventId, client }: SaleScreenProps) {
  const { text, words } = useWords();
  const {
    value: sale,
    trouble,
    refresh,
  } = usePolled(
    useCallback((signal: AbortSignal) => client.status(eventId, signal), [client, eventId]),
    everyMs,
  );
  if (!sale) {
    const isMissing = trouble?.outcome === 'refused' && trouble.code === 'not_found';
    return (
      <Screen title={isMissing ? words.eventMissing : eventId}>
        {!isMissing && <Trouble trouble={trouble} />}
        {!trouble && <p className="muted">{text.loading}</p>}
        <p>
          <a href="#/">{words.allSales}</a>
        </p>
      </Screen>
    );
  }
  return (
    <Screen title={sale.title} intro={<Identity sale={sale} isLive={trouble === undefined} />}>
      <Trouble trouble={trouble} />
      <div className="sale-top">
        <PhasePanel sale={sale} />
        {sale.seated && !sale.cancellation && (
          <AdmissionPanel sale={sale} client={client} onChanged={refresh} />
        )}
        {!sale.seated && <StockFigures sale={sale} />}
      </div>
      {sale.seated && <SaleFunnel sale={sale} />}
      {sale.seated && (
        <div className="columns even">
          <CapacityFigures sale={sale} />
          <MoneyFigures sale={sale} />
        </div>
      )}
      <section className="panel" aria-labelledby="report-title">
        <h2 id="report-title">{words.reportTitle}</h2>
        <p className="muted">{words.reportIntro}</p>
        <code className="command">npm run onsale -- report {sale.eventId} --out report</code>
      </section>
      <CancelEvent sale={sale} client={client} onChanged={refresh} />
    </Screen>
  );
}

function Identity({ sale, isLive }: { sale: SaleStatus; isLive: boolean }) {
  const { words, format } = useWords();
  return (
    <span className="sale-identity">
      <span>{sale.saleId}</span>
      <span className="live">
        <span className={`dot ${isLive ? '' : 'dot-late'}`} aria-hidden="true" />
        {isLive ? words.live : words.asOf(format.timeOfDay(sale.countedAt))}
      </span>
    </span>
  );
}

function PhasePanel({ sale }: { sale: SaleStatus }) {
  const { words, format } = useWords();
  const { phase, untilMs } = phaseAt(sale, useNow());
  return (
    <section className="panel">
      <p>
        <PhasePill phase={phase} />
      </p>
      {untilMs !== null && <Countdown label={words.nextPhaseIn[phase]} untilMs={untilMs} />}
      {phase === 'closed' && <p>{words.closedSince(format.instant(sale.closesAt))}</p>}
      {sale.cancellation && (
        <p>{words.cancelledAt(format.instant(sale.cancellation.at), sale.cancellation.reason)}</p>
      )}
    </section>
  );
}
