import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import { useWords } from './use-words.ts';

/** How many have come how far, each as a share of those who entered. */
export function SaleFunnel({ sale }: { sale: SaleStatus }) {
  const { words, format } = useWords();
  const steps = [
    [words.entered, sale.entered, words.buyers],
    [words.admitted, sale.admitted, words.buyers],
    [words.held, sale.held, words.seats],
    [words.paid, sale.paid, words.orders],
    [words.confirmed, sale.confirmed, words.orders],
  ] as const;
  // Of buyers with several seats each, more can be held than have entered.
  const most = Math.max(1, ...steps.map(([, count]) => count));
  return (
    <section className="panel" aria-labelledby="funnel-title">
      <h2 id="funnel-title">{words.funnelTitle}</h2>
      <ol className="funnel">
        {steps.map(([name, count, unit]) => (
          <li key={name}>
            <span className="funnel-name">{name}</span>
            <span className="funnel-bar" aria-hidden="true">
              <span style={{ width: `${(100 * count) / most}%` }} />
            </span>
            <span className="funnel-count">
              <strong>{format.count(count)}</strong> {unit(count)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
