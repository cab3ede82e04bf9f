import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import type { ReactNode } from 'react';
import { useNow } from '../clock/use-now.ts';
import { useWords } from './use-words.ts';

/** What the services can take at present, and what waits for them. */
export function CapacityFigures({ sale }: { sale: SaleStatus }) {
  const { words, format } = useWords();
  const { capacity, oldestUnfinishedAt } = sale;
  const now = useNow();
  const queued =
    capacity.queueDepth === null
      ? words.unknown
      : words.messages(format.count(capacity.queueDepth), format.count(Math.ceil(capacity.backlogSec ?? 0)));
  return (
    <Figures
      title={words.capacityTitle}
      rows={[
        [
          words.podRate,
          capacity.podRatePerSecond === null
            ? words.unknown
            : words.perSecond(format.count(Math.round(capacity.podRatePerSecond))),
        ],
        [
          words.pods,
          capacity.pods.map(({ service, live }) => `${service} ${live}`).join(', ') || words.unknown,
        ],
        [words.p95, capacity.p95Ms === null ? words.none : `${format.count(Math.round(capacity.p95Ms))} ms`],
        [words.queueDepth, queued],
        [words.undecided, format.count(sale.queue)],
        [
          words.oldest,
          oldestUnfinishedAt === null
            ? words.none
            : format.duration((now - Date.parse(oldestUnfinishedAt)) / 1000),
        ],
      ]}
    />
  );
}

/** What is left, what is sold, and what goes back. */
export function MoneyFigures({ sale }: { sale: SaleStatus }) {
  const { words, format } = useWords();
  const { refunds, currency } = sale;
  const money = (count: number, amountMinor: number) =>
    words.countAndAmount(format.count(count), format.money(amountMinor, currency));
  return (
    <Figures
      title={words.stockTitle}
      rows={[
        [words.free, format.count(sale.free)],
        [words.sold, format.count(sale.sold)],
        [words.rejected, format.count(sale.rejected)],
        [words.cancelled, format.count(sale.cancelled)],
        [words.refundsSent, money(refunds.sent, refunds.sentAmount)],
        [words.refundsDue, money(refunds.due, refunds.dueAmount)],
        [words.refundsFailed, format.count(refunds.failed)],
      ]}
    />
  );
}

/** Of general admission: what is left and what is sold. Its money is the organiser's own affair. */
export function StockFigures({ sale }: { sale: SaleStatus }) {
  const { words, format } = useWords();
  return (
    <Figures
      title={words.unseatedTitle}
      rows={[
        [words.ticketsFree, format.count(sale.free)],
        [words.sold, format.count(sale.sold)],
      ]}
    />
  );
}

interface FiguresProps {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: ReactNode])[];
}

function Figures({ title, rows }: FiguresProps) {
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <dl className="figures">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
