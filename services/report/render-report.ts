import { renderChart } from './render-chart.ts';
import type { SeatReport } from './report-document.ts';
import { codeCell, moneyText, renderPage, renderTable, timeText } from './report-page.ts';
import { escapeHtml } from './escape-html.ts';

/** The report of a sale of seats, for people and paper. */
export function renderReport({ sale, totals, series }: SeatReport): string {
  const { fromMs, bucketMs } = series;
  const money = (amountMinor: number) => moneyText(sale.currency, amountMinor);
  const perSecond = (counts: readonly number[]) => counts.map((count) => (count * 1000) / bucketMs);
  const chart = (title: string, counts: readonly number[]) =>
    renderChart({ title, values: perSecond(counts), fromMs, bucketMs });
  const { seedHash, seed, cohort, beacon } = sale.draw;
  const orders = (status: string) => totals.orders[status] ?? 0;

  return renderPage({
    title: sale.title,
    cancellation: sale.cancellation,
    intro: `Sale ${escapeHtml(sale.saleId)}, ${timeText(sale.opensAtMs)} to ${timeText(sale.closesAtMs)}. Counted ${timeText(sale.createdAtMs)}.`,
    body: `<h2>From the door to the seat</h2>
${renderTable([
  ['Entered the waiting room', sale.entered],
  ['Admitted, of the places still known', `${totals.admitted} of ${totals.placesKept}`],
  ['Serving number', totals.servingNumber],
  ['Orders confirmed', orders('CONFIRMED')],
  ['Orders cancelled', orders('CANCELLED')],
  ['Orders rejected', orders('REJECTED')],
  ['Orders under way', orders('WAITING_FOR_HOLD') + orders('PROCESSING') + orders('AWAITING_PAYMENT')],
  ['Tickets valid', totals.ticketsValid],
  ['Tickets cancelled', totals.ticketsCancelled],
  ['Let in at a gate', totals.ticketsEntered],
])}
<p>The waiting room forgets places a day after closing, those of a practice round after ten minutes, and a place that lapsed:
a report written later knows fewer.</p>
<h2>Each second</h2>
${chart('Entered', series.entered)}
${chart('Admitted', series.admitted)}
${chart('Tickets issued', series.sold)}
<h2>Money</h2>
${renderTable([
  [`Captured, ${totals.payments} payments`, money(totals.capturedMinor)],
  [`Refunded, ${totals.refundsSent} refunds`, money(totals.refundedMinor)],
  [`Still to be refunded, ${totals.refundsDue} refunds`, money(totals.refundsDueMinor)],
  ['Price of valid tickets', money(totals.validTicketsMinor)],
])}
<h2>The draw</h2>
${renderTable([
  ['Hash of the seed, published before anybody entered', codeCell(seedHash)],
  ['Seed, published when the draw was sealed', seed === null ? 'not drawn yet' : codeCell(seed)],
  ['Early arrivals drawn', cohort ?? 'not drawn yet'],
  ['Public randomness mixed in', beacon === null ? 'none' : codeCell(beacon)],
])}`,
  });
}
