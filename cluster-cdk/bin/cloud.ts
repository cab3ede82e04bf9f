// What people and workflows do to a deployment as a whole: npm run cloud -- --help.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { addonSteps } from '../lib/operate/addon-steps.ts';
import { pageSteps } from '../lib/operate/page-steps.ts';
import { readOutputs } from '../lib/operate/read-outputs.ts';
import { type Answer, surveyRegion } from '../lib/operate/survey-region.ts';
import { type OutputsFile, outputNames, stackNameOf } from '../lib/outputs.ts';
import { profiles } from '../lib/profile/profile.ts';

const HELP = `npm run cloud -- <command> <profile> [region]

  diff         what a deployment would change
  guard        fails while a sale warms or is open, or where that cannot be told
  deploy       guard, then the stacks of one Region (or of each in turn), then their outputs
  outputs      writes the outputs of a Region's stacks, for charts and delivery
  addons       installs what the cluster needs before the charts
  page         puts the built page into its bucket (npm run build -w services/web, before)
  stop, start  scales the services to nothing, and back to one pod
  destroy      guard, then removes everything of a profile that does not protect its data

Every command may run again. Context that is always given stands in cluster-cdk/context/<profile>.json.

  --context KEY=VALUE   further context for diff, deploy and destroy; may be given several times
  --outputs FILE        outputs file (default dist/outputs-<profile>-<region>.json)
  --force               goes on although a sale is under way or nobody can tell
  --dry-run             prints what would be run`;

const root = resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    context: { type: 'string', multiple: true, default: [] },
    outputs: { type: 'string' },
    force: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [command = '', profileName, regionName] = positionals;

/** A mistake of the caller's: its message is all there is to say. */
class Refusal extends Error {}

const profile = Object.values(profiles).find(({ name }) => name === profileName);
const regions = profile?.regions.filter((name) => regionName === undefined || name === regionName) ?? [];

const show = (program: string, args: readonly string[]) =>
  process.stdout.write(
    `${[program, ...args].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ')}\n`,
  );

function run(program: string, args: readonly string[], input?: string): void {
  show(program, args);
  if (values['dry-run']) {
    if (input !== undefined) process.stdout.write(`<<\n${input}>>\n`);
    return;
  }
  execFileSync(program, args, {
    cwd: root,
    stdio: [input === undefined ? 'inherit' : 'pipe', 'inherit', 'inherit'],
    ...(input === undefined ? {} : { input }),
  });
}

function ask(program: string, ...args: string[]): Answer {
  try {
    const stdout = execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
    return { outcome: 'ok', stdout };
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return { outcome: 'failed', message: stderr || message };
  }
}

/** Gives `use` a file for the cluster's address, so that whatever context the caller's kubectl has stays out of this. */
function withKubeconfig<Result>(use: (kubeconfig: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'onsale-kube-'));
  try {
    return use(join(folder, 'config'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function guard(): void {
  for (const region of regions) {
    const survey = withKubeconfig((kubeconfig) =>
      surveyRegion(ask, { profile: profile!.name, region, kubeconfig, nowMs: Date.now() }),
    );
    const found =
      survey.outcome === 'busy'
        ? survey.sales.join('\n  ')
        : survey.outcome === 'unknown'
          ? `nobody can tell: ${survey.reason}`
          : undefined;
    process.stdout.write(`${region}: ${found ?? 'no sale is under way'}\n`);
    if (found !== undefined && !values.force)
      throw new Refusal(`Refused: a sale may be under way in ${region} (--force overrides)`);
  }
}

const context = [
  '--context',
  `profile=${profileName}`,
  ...values.context.flatMap((one) => ['--context', one]),
];
const cdk = (...args: string[]) => run('npm', ['run', 'cdk', '--', ...args, ...context]);
const outputsOf = (region: string) =>
  resolve(values.outputs ?? join(root, 'dist', `outputs-${profileName}-${region}.json`));

function deploy(): void {
  for (const region of regions) {
    // The role of workflows and the firewall stand in one Region for all; the CDK leaves them where nothing changed.
    const shared = profile!.regions[0] === region ? ['delivery*', 'firewall'] : [];
    cdk(
      ...['deploy', `${region}-*`, ...shared, '--require-approval', 'never', '--concurrency', '3'],
      ...['--outputs-file', outputsOf(region)],
    );
  }
}

/** Asks CloudFormation, so that outputs are at hand where nobody has just deployed. */
function writeOutputs(region: string): void {
  const file: Record<string, Record<string, string>> = {};
  for (const part of Object.keys(outputNames) as (keyof typeof outputNames)[]) {
    const stack = stackNameOf(profile!.name, part);
    const answer = ask(
      'aws',
      ...['cloudformation', 'describe-stacks', '--region', region, '--stack-name', stack, '--output', 'json'],
    );
    if (answer.outcome === 'failed') throw new Refusal(`${stack} in ${region}: ${answer.message.trim()}`);
    const { Stacks } = JSON.parse(answer.stdout) as {
      Stacks: { Outputs?: { OutputKey: string; OutputValue: string }[] }[];
    };
    file[stack] = Object.fromEntries(
      (Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
    );
    readOutputs(file, profile!.name, part);
  }
  mkdirSync(dirname(outputsOf(region)), { recursive: true });
  writeFileSync(outputsOf(region), `${JSON.stringify(file, null, 2)}\n`);
  process.stdout.write(`${outputsOf(region)}\n`);
}

function givenOutputs(region: string): OutputsFile {
  try {
    return JSON.parse(readFileSync(outputsOf(region), 'utf8')) as OutputsFile;
  } catch (cause) {
    throw new Refusal(`No outputs: npm run cloud -- outputs ${profile!.name} ${region}`, { cause });
  }
}

/** Runs kubectl and helm steps against a Region's cluster. */
function onCluster(
  region: string,
  steps: readonly { program: string; args: readonly string[]; input?: string }[],
) {
  withKubeconfig((kubeconfig) => {
    const cluster = ['--region', region, '--name', `onsale-${profile!.name}`];
    run('aws', ['eks', 'update-kubeconfig', ...cluster, '--kubeconfig', kubeconfig]);
    for (const { program, args, input } of steps) run(program, [...args, '--kubeconfig', kubeconfig], input);
  });
}

// Autoscalers leave a Deployment of zero alone; an Aurora cluster with a minimum of 0 pauses by itself when nobody is connected.
const scaled = (replicas: number) => ({
  program: 'kubectl',
  args: ['--namespace', 'onsale', 'scale', 'deployment', '--all', `--replicas=${replicas}`],
});

const guarded = () => (values['dry-run'] ? undefined : guard());
const eachRegion = (act: (region: string) => void) => () => regions.forEach((region) => act(region));
const commands: Readonly<Record<string, () => void>> = {
  diff: () => cdk('diff', '--all', '--method=template'),
  guard,
  deploy: () => (guarded(), deploy()),
  outputs: eachRegion(writeOutputs),
  addons: eachRegion((region) => {
    const outputs = givenOutputs(region);
    const network = readOutputs(outputs, profile!.name, 'network');
    onCluster(region, addonSteps({ network, cluster: readOutputs(outputs, profile!.name, 'cluster') }));
  }),
  page: eachRegion((region) => {
    const edge = readOutputs(givenOutputs(region), profile!.name, 'edge');
    for (const args of pageSteps('services/web/dist', edge)) run('aws', args);
  }),
  stop: () => (guarded(), eachRegion((region) => onCluster(region, [scaled(0)]))()),
  start: eachRegion((region) => onCluster(region, [scaled(1)])),
  destroy: () => {
    if (profile!.protectsData)
      throw new Refusal(
        `${profile!.name} keeps data: lift its protection by hand first (docs/deployment.md)`,
      );
    guarded();
    cdk('destroy', '--all', '--force');
  },
};

const act = commands[command];
if (values.help || act === undefined || regions.length === 0) {
  process.stdout.write(`${HELP}\n\n<profile> is ${Object.keys(profiles).join(', ')}.\n`);
  process.exit(values.help ? 0 : 2);
}
try {
  act();
} catch (error) {
  // A program that failed has said why.
  if (error instanceof Refusal) process.stderr.write(`${error.message}\n`);
  else process.stderr.write(`${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`);
  process.exitCode = 1;
}
