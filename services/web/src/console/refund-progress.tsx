import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import { useId } from 'react';
import { useWords } from './use-words.ts';

/** How many of a cancelled event's refunds the payment provider has taken. */
export function RefundProgress({ sale }: { sale: Pick<SaleStatus, 'refunds' | 'confirmed'> }) {
  const { words, format } = useWords();
  const id = useId();
  const { refunds, confirmed } = sale;
  const all = refunds.sent + refunds.due;
  const isDone = refunds.due === 0 && confirmed === 0;
  return (
    <>
      <progress
        max={Math.max(1, all)}
        value={isDone ? Math.max(1, all) : refunds.sent}
        aria-labelledby={id}
      />
      <p id={id} data-refunds={isDone ? 'done' : 'under-way'}>
        {isDone
          ? all === 0
            ? words.nothingToRefund
            : words.refundsDone(all, format.count(all))
          : words.refundProgress(format.count(refunds.sent), format.count(all))}
      </p>
      {confirmed > 0 && <p className="muted">{words.ordersLeft(confirmed, format.count(confirmed))}</p>}
    </>
  );
}
