import { escapeHtml } from './escape-html.ts';

export interface Chart {
  readonly title: string;
  /** Per second, one value a bucket. */
  readonly values: readonly number[];
  readonly fromMs: number;
  readonly bucketMs: number;
}

const width = 720;
const height = 140;
const left = 52;
const bottom = 22;
const top = 10;

/** Draws counts over time as bars, in an SVG that needs nothing from elsewhere; its title is read to who cannot see it. */
export function renderChart({ title, values, fromMs, bucketMs }: Chart): string {
  const most = values.reduce((highest, value) => Math.max(highest, value), 0);
  const step = (width - left) / values.length;
  const plot = height - bottom - top;
  const bars = values.flatMap((value, index) => {
    if (value === 0) return [];
    const tall = (value / most) * plot;
    const x = round(left + index * step);
    return [
      `<rect x="${x}" y="${round(top + plot - tall)}" width="${round(Math.max(1, step - 1))}" height="${round(tall)}"/>`,
    ];
  });
  const at = (index: number) => new Date(fromMs + index * bucketMs).toISOString().slice(11, 19);
  const base = top + plot;
  const said = `${title}: at most ${short(most)} a second`;
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(said)}">
<path d="M${left} ${top}V${base}H${width}"/>
<text x="${left - 6}" y="${top + 8}" text-anchor="end">${short(most)}</text>
<text x="${left - 6}" y="${base}" text-anchor="end">0</text>
<text x="${left}" y="${height - 6}">${at(0)}</text>
<text x="${width}" y="${height - 6}" text-anchor="end">${at(values.length)} UTC</text>
${bars.join('\n')}
</svg></figure>`;
}

const round = (value: number) => Number(value.toFixed(2));
const short = (value: number) => String(value >= 10 ? Math.round(value) : Number(value.toFixed(2)));
