import { findPrometheus } from '@onsale/cdk8s/scaling/prometheus';
import { findBinaries } from '@onsale/control-plane/binaries';
import { ensureRedisBinary } from '@onsale/local/engines/redis-binary';
import { findK6 } from '@onsale/loadtest/k6-program/k6-program';
import { findChromium } from '@onsale/web/testing/chromium';
import { findActionlint } from '../linters/actionlint.ts';
import { findCfnLint } from '../linters/cfn-lint.ts';

/**
 * Where a file runs when it is not one of several side by side: `loading` the machine, after those, one at a time; or mostly
 * `waiting`, from the beginning on, one at a time beside whatever else runs.
 */
export type Lane = 'loading' | 'waiting';

/** A group of test files that need the same things from the machine. */
export interface Tier {
  readonly name: string;
  /** Whether a test file, by its path from the root, belongs here; the first tier that says so has it. */
  readonly has: (path: string) => boolean;
  /** Which of its files do not run side by side with the others. */
  readonly lane?: (path: string) => Lane | undefined;
  /** Files use the engines that the runner starts once. */
  readonly sharedEngines?: true;
  /** Throws, naming the command that helps, when this machine lacks what the tier needs. */
  readonly require?: (report: (line: string) => void) => Promise<unknown>;
}

// What waits uses less than half a core: measured, user and system time against the clock.
const waitingIntegration =
  /\/(room-loss|rate-changes|opening|admission|steer-admission|rebuild|seat-inventory\.property|confirm-worker)\.integration\.test\.ts$/;
const waitingJourney = /\/(bots|payments|lock-breaker)\.test\.ts$/;
const loadingJourney = /\/(races|rolling-restart|faults)\.test\.ts$/;

async function requireControlPlane(): Promise<void> {
  const binaries = await findBinaries({ assets: process.env['KUBEBUILDER_ASSETS'] });
  if (binaries === undefined)
    throw new Error('the Kubernetes control plane is not built; build it with: npm run setup');
}

async function requirePrometheus(): Promise<void> {
  if ((await findPrometheus()) === undefined)
    throw new Error('Prometheus is not installed; install it with: npm run setup');
}

async function requireLinters(): Promise<void> {
  if ((await findActionlint()) === undefined || (await findCfnLint()) === undefined)
    throw new Error('actionlint or cfn-lint is not installed; install them with: npm run setup');
}

async function requireChromium(): Promise<void> {
  if ((await findChromium()) === undefined)
    throw new Error('no Chromium on this machine; install it with: npm run setup');
}

async function requireK6(report: (line: string) => void): Promise<void> {
  await ensureRedisBinary(report);
  if ((await findK6()) === undefined) throw new Error('k6 is not built; build it with: npm run setup');
}

/** All tiers, the particular before the general; they run from the last to the first, the quick ones first. */
export const tiers: readonly Tier[] = [
  {
    name: 'cluster',
    has: (path) => /^(operators|cdk8s)\/.*\.cluster\.test\.ts$/.test(path),
    lane: () => 'waiting',
    require: requireControlPlane,
  },
  {
    name: 'browser',
    has: (path) => /^services\/web\/.*\.browser\.test\.ts$/.test(path),
    lane: () => 'loading',
    require: requireChromium,
  },
  {
    name: 'load',
    has: (path) => path.endsWith('.k6.test.ts'),
    lane: () => 'waiting',
    require: requireK6,
  },
  {
    name: 'journey',
    has: (path) => path.startsWith('services/e2e/'),
    lane: (path) =>
      loadingJourney.test(path) ? 'loading' : waitingJourney.test(path) ? 'waiting' : undefined,
    require: ensureRedisBinary,
  },
  {
    name: 'linters',
    has: (path) => path.endsWith('.lint.test.ts'),
    require: requireLinters,
  },
  { name: 'infrastructure', has: (path) => path.startsWith('cluster-cdk/') },
  {
    name: 'rules',
    has: (path) => path.endsWith('.promtool.test.ts'),
    require: requirePrometheus,
  },
  { name: 'charts', has: (path) => path.startsWith('cdk8s/') },
  {
    name: 'integration',
    has: (path) => path.endsWith('.integration.test.ts'),
    lane: (path) => (waitingIntegration.test(path) ? 'waiting' : undefined),
    sharedEngines: true,
    require: ensureRedisBinary,
  },
  { name: 'unit', has: () => true },
];

/** The tier of a test file, given its path from the root. */
export function tierOf(path: string): Tier {
  const tier = tiers.find(({ has }) => has(path));
  if (tier === undefined) throw new Error(`${path} belongs to no tier`);
  return tier;
}
