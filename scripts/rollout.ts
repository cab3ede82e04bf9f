// A new version on trial beside the old one, then everywhere, or gone: npm run rollout -- --help.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { judgeCanary, type Look, readAnswers, sumAnswers } from './rollout/judge-canary.ts';

const HELP = `npm run rollout -- canary <api> <tag> [--pods 1] [--minutes 5]   try, then promote or abort by itself
npm run rollout -- promote <api>      the canary's version everywhere, now
npm run rollout -- abort <api>        no canary any more
npm run rollout -- rollback <chart>   the release before this one

<api> is public-api or confirm-api. kubectl's context decides which cluster. --dry-run prints the commands.`;

const namespace = 'onsale';
const lookEverySeconds = 15;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pods: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '5' },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [command, chart, tag] = positionals;
const minutes = Number(values.minutes);
const apis = ['public-api', 'confirm-api'];
const charts = [...apis, 'confirm-worker', 'ticket-event-operator'];
const isKnown =
  (command === 'rollback' ? charts : apis).includes(chart ?? '') &&
  (command === 'canary' ? tag !== undefined : ['promote', 'abort', 'rollback'].includes(command ?? ''));
if (values.help || !isKnown || !(minutes > 0)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

function run(program: string, ...args: string[]): void {
  console.log(`${program} ${args.join(' ')}`);
  if (!values['dry-run']) execFileSync(program, args, { stdio: 'inherit' });
}
const kubectl = (...args: string[]) =>
  execFileSync('kubectl', ['--namespace', namespace, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });

/** Changes some values of the release and keeps the rest, which its deployment has set. */
const upgrade = (...change: string[]) =>
  run(
    'helm',
    'upgrade',
    chart!,
    resolve(import.meta.dirname, '..', 'charts', chart!),
    '--namespace',
    namespace,
    '--reset-then-reuse-values',
    ...change,
    '--wait',
    '--timeout',
    '15m',
  );

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly status: {
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
  };
}

/** Asks every pod for its metrics, by way of the API server: the internal port is reached from nowhere else. */
function look(): Look {
  const { items } = JSON.parse(
    kubectl('get', 'pods', '--selector', `app.kubernetes.io/name=${chart}`, '--output', 'json'),
  ) as { items: Pod[] };
  const onTrack = (track: string) =>
    items.filter(({ metadata }) => metadata.labels['onsale.dev/track'] === track);
  const answersOf = (pods: readonly Pod[]) =>
    sumAnswers(
      pods.map(({ metadata }) =>
        readAnswers(
          kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/pods/${metadata.name}:9090/proxy/metrics`),
        ),
      ),
    );
  const canary = onTrack('canary');
  const containers = canary.flatMap(({ status }) => status.containerStatuses ?? []);
  return {
    canary: answersOf(canary),
    // A few of many tell what the others do.
    stable: answersOf(onTrack('stable').slice(0, 10)),
    readyPods: containers.filter(({ ready }) => ready).length,
    wantedPods: Number(values.pods),
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
  };
}

function promote(): void {
  const { canary } = JSON.parse(
    execFileSync('helm', ['get', 'values', chart!, '--namespace', namespace, '--output', 'json'], {
      encoding: 'utf8',
    }),
  ) as { canary?: { enabled?: boolean; tag?: string } };
  if (canary?.enabled !== true || !canary.tag) throw new Error(`${chart} has no canary`);
  upgrade('--set-string', `image.tag=${canary.tag}`, '--set', 'canary.enabled=false');
}
const abort = () => upgrade('--set', 'canary.enabled=false');

async function canary(): Promise<void> {
  upgrade('--set', `canary.enabled=true,canary.replicas=${values.pods}`, '--set-string', `canary.tag=${tag}`);
  if (values['dry-run']) return;
  const first = look();
  for (const endMs = Date.now() + minutes * 60_000; Date.now() < endMs; ) {
    await delay(Math.min(lookEverySeconds * 1000, endMs - Date.now()));
    const judgement = judgeCanary(first, look());
    console.log(`${new Date().toISOString()} ${JSON.stringify(judgement)}`);
    if (judgement.outcome === 'bad') {
      abort();
      throw new Error(`${chart} ${tag} is not good: ${judgement.reason}`);
    }
  }
  const judgement = judgeCanary(first, look());
  if (judgement.outcome === 'good') return promote();
  // Nobody asked it enough to tell; a person decides.
  throw new Error(
    `${chart} ${tag} stays a canary: ${judgement.reason}. Then: npm run rollout -- promote|abort ${chart}`,
  );
}

try {
  if (command === 'canary') await canary();
  else if (command === 'promote') promote();
  else if (command === 'abort') abort();
  else run('helm', 'rollback', chart!, '--namespace', namespace, '--wait', '--timeout', '15m');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
