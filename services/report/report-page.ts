import { escapeHtml } from './escape-html.ts';

export interface PageParts {
  readonly title: string;
  /** Safe HTML. */
  readonly intro: string;
  /** Safe HTML, heading by heading. */
  readonly body: string;
  readonly cancellation: { readonly atMs: number; readonly reason: string } | null;
}

/** Text, or HTML that is safe already. */
export type Cell = string | number | { readonly html: string };

/** A report as a page that stands alone: no scripts, nothing loaded from elsewhere, fit for paper. */
export function renderPage({ title, intro, body, cancellation }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(`${title} – sale report`)}</title>
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
<h1>${escapeHtml(title)}</h1>
<p>${intro}</p>
${
  cancellation
    ? `<p class="cancelled">The event was cancelled ${timeText(cancellation.atMs)}: ${escapeHtml(cancellation.reason)}</p>\n`
    : ''
}${body}
<h2>Check it yourself</h2>
<p>In the directory of this report run <code>npm run onsale -- report verify .</code> It recomputes this report from the data,
with no database; <code>sha256sum -c SHA256SUMS</code> tells whether a file was changed. Buyers are pseudonyms: the salt that
made them was thrown away, so a buyer is the same throughout this report and in no other.</p>
</body>
</html>
`;
}

export const codeCell = (text: string): Cell => ({ html: `<code>${escapeHtml(text)}</code>` });

/** Rows of a name and what it is. */
export function renderTable(rows: readonly (readonly [string, Cell])[]): string {
  const cell = (value: Cell) => (typeof value === 'object' ? value.html : escapeHtml(String(value)));
  const lines = rows.map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${cell(value)}</td></tr>`);
  return `<table>\n${lines.join('\n')}\n</table>`;
}

export const timeText = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Minor units as people write the currency; the same whatever machine says it. */
export function moneyText(currency: string, amountMinor: number): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
}
