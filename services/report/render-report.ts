import { escapeHtml } from './escape-html.ts';
import { renderChart } from './render-chart.ts';
import type { ReportDocument } from './report-document.ts';

/** The report as a page that stands alone: no scripts, nothing loaded from elsewhere, fit for paper. */
export function renderReport({ sale, totals, series }: ReportDocument): string {
  const { fromMs, bucketMs } = series;
  const money = (amountMinor: number) => moneyOf(sale.currency, amountMinor);
  const perSecond = (counts: readonly number[]) => counts.map((count) => (count * 1000) / bucketMs);
  const chart = (title: string, counts: readonly number[]) =>
    renderChart({ title, values: perSecond(counts), fromMs, bucketMs });
  const { seedHash, seed, cohort, beacon } = sale.draw;
  const { cancellation } = sale;
  const orders = (status: string) => totals.orders[status] ?? 0;

  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(`${sale.title} – sale report`)}</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{margin-bottom:0}h2{margin-top:2rem;border-bottom:1px solid #ccc}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #e5e5e5;vertical-align:top}
th{font-weight:600;width:60%}td{font-variant-numeric:tabular-nums}code{font-size:.8rem;overflow-wrap:anywhere}
figure{margin:1rem 0;break-inside:avoid}svg{width:100%;height:auto}svg rect{fill:#2456b3}svg path{stroke:#777;fill:none}svg text{font-size:11px;fill:#444}
.cancelled{background:#fbeaea;border-left:4px solid #a11;padding:.5rem 1rem}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}table{break-inside:avoid}}
</style>
</head>
<body>
<h1>${escapeHtml(sale.title)}</h1>
<p>Sale ${escapeHtml(sale.saleId)}, ${time(sale.opensAtMs)} to ${time(sale.closesAtMs)}. Counted ${time(sale.createdAtMs)}.</p>
${
  cancellation
    ? `<p class="cancelled">The event was cancelled ${time(cancellation.atMs)}: ${escapeHtml(cancellation.reason)}</p>\n`
    : ''
}<h2>From the door to the seat</h2>
${table([
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
${table([
  [`Captured, ${totals.payments} payments`, money(totals.capturedMinor)],
  [`Refunded, ${totals.refundsSent} refunds`, money(totals.refundedMinor)],
  [`Still to be refunded, ${totals.refundsDue} refunds`, money(totals.refundsDueMinor)],
  ['Price of valid tickets', money(totals.validTicketsMinor)],
])}
<h2>The draw</h2>
${table([
  ['Hash of the seed, published before anybody entered', code(seedHash)],
  ['Seed, published when the draw was sealed', seed === null ? 'not drawn yet' : code(seed)],
  ['Early arrivals drawn', cohort ?? 'not drawn yet'],
  ['Public randomness mixed in', beacon === null ? 'none' : code(beacon)],
])}
<h2>Check it yourself</h2>
<p>In the directory of this report run <code>npm run onsale -- report verify .</code> It recomputes every place and every sum
from the data, with no database; <code>sha256sum -c SHA256SUMS</code> tells whether a file was changed. Buyers are pseudonyms: the salt that made them was thrown away, so a buyer is the same
throughout this report and in no other.</p>
</body>
</html>
`;
}

type Cell = string | number | { readonly html: string };

const code = (text: string): Cell => ({ html: `<code>${escapeHtml(text)}</code>` });

function table(rows: readonly (readonly [string, Cell])[]): string {
  const cell = (value: Cell) => (typeof value === 'object' ? value.html : escapeHtml(String(value)));
  const lines = rows.map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${cell(value)}</td></tr>`);
  return `<table>\n${lines.join('\n')}\n</table>`;
}

const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Minor units as people write the currency; the same whatever machine says it. */
function moneyOf(currency: string, amountMinor: number): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
}
