// Run by k6, not by Node: npm run loadtest -- --help.
import type { Options } from 'k6/options';
import { k6Options } from '../profiles/k6-options.ts';
import { profile } from './run-input.ts';

export { arrival, confirm, journey, race, reads } from './flows.ts';

export const options = {
  ...k6Options(profile),
  systemTags: ['status', 'name', 'scenario', 'expected_response', 'error_code'],
  summaryTrendStats: ['count', 'avg', 'med', 'p(95)', 'p(99)', 'max'],
  discardResponseBodies: false,
  userAgent: 'onsale-loadtest',
} as Options;

/** The run's figures: into a file here, and as one marked line of the log, which is all that is left of a pod. */
export function handleSummary(data: unknown): Record<string, string> {
  const text = JSON.stringify(data);
  const file = __ENV['SUMMARY'];
  return file === undefined ? { stdout: `\nonsale-summary ${text}\n` } : { [file]: text };
}
