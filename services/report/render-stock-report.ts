import { escapeHtml } from './escape-html.ts';
import { renderChart } from './render-chart.ts';
import type { StockReport } from './report-document.ts';
import { moneyText, renderPage, renderTable, timeText } from './report-page.ts';

/** The report of a sale of unseated tickets, for people and paper. */
export function renderStockReport({ sale, totals, series }: StockReport): string {
  const { fromMs, bucketMs } = series;
  const chart = (title: string, counts: readonly number[]) =>
    renderChart({ title, values: counts.map((count) => (count * 1000) / bucketMs), fromMs, bucketMs });
  return renderPage({
    title: sale.title,
    cancellation: sale.cancellation,
    intro: `Sale ${escapeHtml(sale.saleId)} of unseated tickets, ${timeText(sale.opensAtMs)} to ${timeText(sale.closesAtMs)}. Counted ${timeText(sale.createdAtMs)}.`,
    body: `<h2>Tickets</h2>
${renderTable([
  ['Tickets there were', sale.capacity],
  ['Tickets sold', totals.ticketsSold],
  ['Tickets left', sale.capacity - totals.ticketsSold],
  ['Tickets given back', totals.ticketsGivenBack],
  ['Reservations that stand', totals.reservationsConfirmed],
  ['Reservations given back', totals.reservationsCancelled],
  ['Buyers with tickets', totals.buyers],
  ['Most tickets of one buyer', totals.mostOfOneBuyer],
  ['Limit of a buyer', sale.perBuyer ?? 'none'],
])}
<h2>Each second</h2>
${chart('Tickets taken', series.taken)}
${chart('Tickets given back', series.givenBack)}
<h2>Money</h2>
${renderTable([
  ['Price of a ticket', moneyText(sale.currency, sale.priceMinor)],
  ['Price of the tickets sold', moneyText(sale.currency, totals.priceOfSoldMinor)],
])}
<p>Unseated tickets are reserved without a payment: what was paid for them is not known here.</p>`,
  });
}
