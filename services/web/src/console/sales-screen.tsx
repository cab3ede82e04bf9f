import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import { useCallback } from 'react';
import { useNow } from '../clock/use-now.ts';
import { Screen } from '../parts/screen.tsx';
import { usePolled } from '../shared/use-polled.ts';
import type { AdminClient } from './admin-client.ts';
import { PhasePill } from './phase-pill.tsx';
import { phaseAt } from './sale-phase.ts';
import { Trouble } from './trouble.tsx';
import { useWords } from './use-words.ts';

const everyMs = 2000;

/** All events with their current sales, in the order they were published. */
export function SalesScreen({ client }: { client: AdminClient }) {
  const { text, words } = useWords();
  const { value, trouble } = usePolled(
    useCallback((signal: AbortSignal) => client.sales(signal), [client]),
    everyMs,
  );
  return (
    <Screen title={words.salesTitle} intro={words.salesIntro}>
      <Trouble trouble={trouble} />
      {!value && !trouble && <p className="muted">{text.loading}</p>}
      {value?.items.length === 0 && (
        <div className="panel">
          <p>{words.noSales}</p>
          <code className="command">npm run onsale -- publish event.yaml</code>
        </div>
      )}
      <ul className="sale-list">
        {value?.items.map((sale) => (
          <li key={sale.eventId}>
            <SaleLink sale={sale} />
          </li>
        ))}
      </ul>
    </Screen>
  );
}

function SaleLink({ sale }: { sale: SaleStatus }) {
  const { words, format } = useWords();
  const now = useNow();
  const { phase, untilMs } = phaseAt(sale, now);
  return (
    <a className="panel sale-link" href={`#/sales/${sale.eventId}`} data-event={sale.eventId}>
      <span className="sale-link-name">
        <strong>{sale.title}</strong>
        <span className="muted">{sale.saleId}</span>
      </span>
      <span className="sale-link-state">
        <PhasePill phase={phase} />
        {untilMs !== null && (
          <span className="muted tabular">
            {words.nextPhaseIn[phase]} {format.duration(Math.ceil((untilMs - now) / 1000))}
          </span>
        )}
      </span>
      <span className="muted tabular">{words.soldOf(format.count(sale.sold), format.count(sale.free))}</span>
    </a>
  );
}
