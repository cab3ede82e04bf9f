import { escapeHtml } from './escape-html.ts';
import type { Report, Table } from './report.ts';
import { plotSvg } from './plot-svg.ts';

const verdictTable = ({ verdicts }: Report): Table => ({
  title: 'Verdicts',
  head: ['', 'what', 'found'],
  rows: verdicts
    .toSorted((a, b) => Number(a.isMet) - Number(b.isMet))
    .map(({ what, isMet, found }) => [isMet ? 'met' : 'MISSED', what, found]),
  empty: '',
});

const outcome = ({ isPassed, verdicts }: Report) =>
  isPassed
    ? `Passed: all of ${verdicts.length} met.`
    : `Failed: ${verdicts.filter(({ isMet }) => !isMet).length} of ${verdicts.length} missed.`;

/** The report as Markdown, all but its plots. */
export function reportMarkdown(report: Report): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const section = ({ title, head, rows, empty }: Table) =>
    `## ${title}\n\n` +
    (rows.length === 0
      ? empty
      : [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n'));
  return `${[
    `# ${report.title}`,
    report.facts.map((fact) => `- ${fact}`).join('\n'),
    `**${outcome(report)}**`,
    section(verdictTable(report)),
    ...report.tables.map(section),
  ].join('\n\n')}\n`;
}

/** The report as one page of HTML that needs nothing beside it. */
export function reportHtml(report: Report): string {
  const cells = (tag: string, texts: readonly string[]) =>
    texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('');
  const section = ({ title, head, rows, empty }: Table) =>
    `<h2>${escapeHtml(title)}</h2>` +
    (rows.length === 0
      ? `<p>${escapeHtml(empty)}</p>`
      : `<table><tr>${cells('th', head)}</tr>${rows
          .map((row) => `<tr${row[0] === 'MISSED' ? ' class="missed"' : ''}>${cells('td', row)}</tr>`)
          .join('')}</table>`);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(report.title)}</title>
<style>
body{font:14px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}td,th{border-bottom:1px solid #ddd;padding:.15rem .8rem .15rem 0;text-align:left}
.missed{background:#fee2e2;font-weight:600}.outcome{font-size:1.2rem;font-weight:600}.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(27rem,1fr));gap:1rem;margin:1.5rem 0}figure{margin:0}svg{max-width:100%}
</style>
<h1>${escapeHtml(report.title)}</h1>
<p>${report.facts.map(escapeHtml).join('<br>')}</p>
<p class="outcome">${outcome(report)}</p>
${section(verdictTable(report))}
<div class="plots">${report.plots.map(plotSvg).join('\n')}</div>
${report.tables.map(section).join('\n')}
</html>
`;
}
