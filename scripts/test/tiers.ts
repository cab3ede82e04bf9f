import { findPromtool } from '@onsale/cdk8s/scaling/promtool';
import { findBinaries } from '@onsale/control-plane/binaries';
import { ensureRedisBinary } from '@onsale/local/engines/redis-binary';
import { findK6 } from '@onsale/loadtest/k6-program/k6-program';
import { findChromium } from '@onsale/web/testing/chromium';
import { findActionlint } from '../linters/actionlint.ts';
import { findCfnLint } from '../linters/cfn-lint.ts';

/** A group of test files that need the same things from the machine. */
export interface Tier {
  readonly name: string;
  /** Whether a test file, by its path from the root, belongs here; the first tier that says so has it. */
  readonly has: (path: string) => boolean;
  /** Files that load the machine: they run after the others, one at a time. */
  readonly alone?: (path: string) => boolean;
  /** Files use the engines that the runner starts once. */
  readonly sharedEngines?: true;
  /** Throws, naming the command that helps, when this machine lacks what the tier needs. */
  readonly require?: (report: (line: string) => void) => Promise<unknown>;
}

const all = () => true;

async function requireControlPlane(): Promise<void> {
  const binaries = await findBinaries({ assets: process.env['KUBEBUILDER_ASSETS'] });
  if (binaries === undefined)
    throw new Error('the Kubernetes control plane is not built; build it with: npm run setup');
}

async function requirePromtool(): Promise<void> {
  if ((await findPromtool()) === undefined)
    throw new Error('promtool is not installed; install it with: npm run setup');
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
    alone: all,
    require: requireControlPlane,
  },
  {
    name: 'browser',
    has: (path) => /^services\/web\/.*\.browser\.test\.ts$/.test(path),
    alone: all,
    require: requireChromium,
  },
  {
    name: 'load',
    has: (path) => path.endsWith('.k6.test.ts'),
    alone: all,
    require: requireK6,
  },
  {
    name: 'journey',
    has: (path) => path.startsWith('services/e2e/'),
    // Most of a journey is waiting; these are many buyers at once.
    alone: (path) => /\/(races|rolling-restart|faults)\.test\.ts$/.test(path),
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
    require: requirePromtool,
  },
  { name: 'charts', has: (path) => path.startsWith('cdk8s/') },
  {
    name: 'integration',
    has: (path) => path.endsWith('.integration.test.ts'),
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
