import { runPool } from '../run-pool.ts';
import { runTestFile, type TestFileResult } from './run-test-file.ts';
import type { SharedEngines } from './shared-engines.ts';
import { type Lane, type Tier, tierOf, tiers } from './tiers.ts';

/** A tier that did not run because the machine lacks something. */
export interface SkippedTier {
  readonly name: string;
  readonly files: number;
  /** What is missing and the command that helps. */
  readonly why: string;
  /** Someone relies on it: its files count as failed, not as skipped. */
  readonly required: boolean;
}

/** What a run of many test files gave. */
export interface SuiteResult {
  readonly files: readonly TestFileResult[];
  readonly skippedTiers: readonly SkippedTier[];
}

/** What to run, and how. */
export interface SuiteOptions {
  readonly root: string;
  /** Paths from the root. */
  readonly files: readonly string[];
  readonly jobs: number;
  readonly timeoutSeconds: number;
  readonly requiredTiers: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly engines: SharedEngines;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
  readonly onResult: (result: TestFileResult) => void;
}

async function missing(tier: Tier, report: (line: string) => void): Promise<string | undefined> {
  try {
    await tier.require?.(report);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function runOne(path: string, tier: Tier, options: SuiteOptions): Promise<TestFileResult> {
  const { root, timeoutSeconds, signal, engines } = options;
  let env = options.env;
  if (tier.sharedEngines) {
    try {
      env = { ...env, ...(await engines.env()) };
    } catch (error) {
      const name = `the shared engines did not start: ${String(error)}`;
      return { path, seconds: 0, passed: 0, failed: 1, skipped: 0, failures: [{ name }], output: '' };
    }
  }
  return runTestFile(path, { cwd: root, env, timeoutSeconds, signal });
}

/** Runs test files lane by lane, in each tier by tier; after an abort no file is begun and those under way are ended. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const { signal, jobs, report, onResult, requiredTiers } = options;
  const results: TestFileResult[] = [];
  const skippedTiers: SkippedTier[] = [];
  const lanes: Record<Lane | 'together', string[]> = { together: [], loading: [], waiting: [] };
  for (const tier of tiers.toReversed()) {
    const files = options.files.filter((path) => tierOf(path) === tier);
    if (files.length === 0) continue;
    const why = await missing(tier, report);
    if (why === undefined) {
      for (const path of files) lanes[tier.lane?.(path) ?? 'together'].push(path);
    } else {
      const required = requiredTiers.includes(tier.name);
      skippedTiers.push({ name: tier.name, files: files.length, why, required });
    }
  }
  // The control planes first: beside the files that load the machine they would be in each other's way.
  lanes.waiting.reverse();
  const work = async (path: string) => {
    if (signal.aborted) return;
    const result = await runOne(path, tierOf(path), options);
    results.push(result);
    onResult(result);
  };
  const runLoaded = async () => {
    await runPool(lanes.together, jobs, work);
    await runPool(lanes.loading, 1, work);
  };
  try {
    if (jobs === 1) {
      await runPool(lanes.waiting, 1, work);
      await runLoaded();
    } else {
      await Promise.all([runPool(lanes.waiting, 1, work), runLoaded()]);
    }
  } finally {
    await options.engines.stop();
  }
  return { files: results, skippedTiers };
}
