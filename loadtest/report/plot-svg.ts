import { escapeHtml } from './escape-html.ts';
import type { Plot } from './report.ts';

const width = 520;
const height = 200;
const left = 56;
const bottom = 24;
const colours = ['#2563eb', '#dc2626', '#059669', '#9333ea', '#d97706', '#0891b2', '#be185d', '#4b5563'];

/** A plot as SVG that stands in a page by itself. */
export function plotSvg({ title, unit, lines, notes = [] }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const lastX = Math.max(1, ...points.map(([x]) => x));
  const highest = Math.max(...points.map(([, y]) => y));
  const top = highest > 0 ? niceCeiling(highest) : 1;
  const x = (value: number) => left + (Math.min(lastX, Math.max(0, value)) / lastX) * (width - left - 20);
  const y = (value: number) => height - bottom - (value / top) * (height - bottom - 12);
  const grid = [0, 0.5, 1].map((share) => {
    const at = y(top * share).toFixed(1);
    return `<line x1="${left}" x2="${width - 20}" y1="${at}" y2="${at}" stroke="#ddd"/><text x="${left - 6}" y="${at}" text-anchor="end" dy="4">${number(top * share)}</text>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${x(lastX * share).toFixed(1)}" y="${height - 6}" text-anchor="middle">${Math.round(lastX * share)} s</text>`,
  );
  const drawn = lines.map(({ points: own }, index) => {
    const path = own.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colours[index % colours.length]}" stroke-width="1.5"/>`;
  });
  const noted = notes.map(({ what, second, isFault }) => {
    const at = x(second).toFixed(1);
    const [colour, dashes, anchor] = isFault ? ['#111', '3 3', 'middle'] : ['#bbb', '1 3', 'start'];
    return `<line x1="${at}" x2="${at}" y1="12" y2="${height - bottom}" stroke="${colour}" stroke-dasharray="${dashes}"/><text x="${at}" y="9" text-anchor="${anchor}" fill="${isFault ? colour : '#777'}">${escapeHtml(what)}</text>`;
  });
  const legend = lines
    .map(
      ({ name }, index) =>
        `<span style="color:${colours[index % colours.length]}">${name === '' ? '' : `— ${escapeHtml(name)}`}</span>`,
    )
    .join(' ');
  return (
    `<figure><figcaption><b>${escapeHtml(title)}</b>${unit === '' ? '' : `, ${escapeHtml(unit)}`} ${legend}</figcaption>` +
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(title)}" font-size="11">` +
    `${grid.join('')}${ticks.join('')}${noted.join('')}${drawn.join('')}</svg></figure>`
  );
}

/** The next of 1, 2, 5 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}

function number(value: number): string {
  return value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toPrecision(2);
}
