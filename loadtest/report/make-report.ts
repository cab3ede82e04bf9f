import { durationSeconds } from '../profiles/profile.ts';
import { judge } from './judge.ts';
import { loadTables } from './load-tables.ts';
import type { Report } from './report.ts';
import type { ReportInput } from './report-input.ts';
import { reportPlots } from './report-plots.ts';
import { systemTables } from './system-tables.ts';

/** Makes the report of a run: data in, report out. */
export function makeReport(input: ReportInput): Report {
  const { profile, record, summaries, digest } = input;
  const verdicts = judge(record, summaries, digest);
  const ranSeconds = (record.endedAtMs - record.startedAtMs) / 1000;
  const planned = durationSeconds(profile);
  // A run goes on for a moment until the last iterations have ended.
  const length = `${ranSeconds.toFixed(0)} s${ranSeconds < planned - 1 ? `, ended early: ${planned} s were planned` : ''}`;
  return {
    title: `Load test ${profile.name}, ${new Date(record.startedAtMs).toISOString().slice(0, 19)}Z`,
    facts: [
      profile.description,
      `against ${record.base}, ${length}, ${record.runners} runner${record.runners === 1 ? '' : 's'}`,
      record.machine,
    ],
    isPassed: verdicts.every(({ isMet }) => isMet),
    verdicts,
    tables: [...loadTables(input), ...systemTables(input)],
    plots: reportPlots(input),
  };
}
