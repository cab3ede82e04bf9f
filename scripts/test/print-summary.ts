import { describeFailure } from './describe-failure.ts';
import type { SuiteResult } from './run-suite.ts';
import type { TestFileResult } from './run-test-file.ts';

const indent = (text: string) => text.replaceAll(/^(?=.)/gm, '    ');

/** One line on a test file that has ended. */
export function progressLine({ path, seconds, passed, failed, skipped }: TestFileResult): string {
  const counts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  return `${failed > 0 ? 'FAILED' : 'ok    '} ${seconds.toFixed(1).padStart(6)} s  ${path}  ${counts.join(', ')}`;
}

/** What a file printed, below a heading; nothing when it printed nothing. */
export function printedLines({ path, output }: TestFileResult): string[] {
  return output === '' ? [] : [`  printed by ${path}:`, indent(output)];
}

/** The end of a run: skipped tiers, failures in full, and as the last line the counts alone. */
export function summarize({ files, skippedTiers }: SuiteResult): { lines: string[]; failed: number } {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    total.passed += file.passed;
    total.failed += file.failed;
    total.skipped += file.skipped;
  }
  const lines: string[] = [];
  for (const file of files.filter(({ failed }) => failed > 0)) {
    lines.push('', `FAILED ${file.path}`, ...file.failures.map(describeFailure), ...printedLines(file));
  }
  if (skippedTiers.length > 0) lines.push('');
  for (const { name, files: count, why, required } of skippedTiers) {
    total[required ? 'failed' : 'skipped'] += count;
    lines.push(
      `${required ? 'FAILED' : 'skipped'}: tier ${name}, ${count} files, not run${required ? ' although REQUIRE_TIERS asks for it' : ''}: ${why}`,
    );
  }
  lines.push('', `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return { lines, failed: total.failed };
}
