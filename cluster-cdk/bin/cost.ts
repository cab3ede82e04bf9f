import { costLines } from '../lib/cost/cost-lines.ts';
import { profiles } from '../lib/profile/profile.ts';

const name = process.argv[2] ?? '';
const profile = Object.values(profiles).find((one) => one.name === name);
if (profile === undefined) {
  process.stderr.write(`npm run cost -- ${Object.keys(profiles).join(' | ')}\n`);
  process.exit(2);
}
const lines = costLines(profile);
const sum = (of: 'idleMonth' | 'saleHour') => lines.reduce((total, line) => total + line[of], 0);
const row = (what: string, month: number, hour: number, source: string) =>
  `${what.padEnd(42)} ${month.toFixed(0).padStart(10)} ${hour.toFixed(0).padStart(10)}  ${source}\n`;
process.stdout.write(
  `${'USD'.padEnd(42)} ${'idle month'.padStart(10)} ${'sale hour'.padStart(10)}  source\n${lines
    .map((line) =>
      row(line.what, line.idleMonth, line.saleHour, line.isChecked ? line.source : `${line.source} *`),
    )
    .join(
      '',
    )}${row('Total', sum('idleMonth'), sum('saleHour'), 'without data transfer in AWS, logs and support')}
On-demand prices of ap-northeast-1, taken for every Region, compared in November 2026 with published ones; * from memory.
`,
);
