// A new version on trial beside the old one, then everywhere, or gone: npm run rollout -- --help.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { askIdleApi } from './rollout/ask-idle-api.ts';
import { chooseRevision } from './rollout/choose-revision.ts';
import { digestsPath, readDigest } from './rollout/image-digests.ts';
import { judgeCanary, type Look, readAnswers, sumAnswers } from './rollout/judge-canary.ts';
import { readRegion } from './rollout/read-region.ts';

const HELP = `npm run rollout -- release <tag> --outputs FILE --values FILE …   every chart: installed, or tried and promoted
npm run rollout -- canary <api> <tag> --outputs FILE            try, then promote or abort by itself
npm run rollout -- promote <api>        the canary's version everywhere, now
npm run rollout -- abort <api>          no canary any more
npm run rollout -- rollback <chart>     the release before this one

  --outputs FILE   of npm run cloud -- outputs: which values of each chart to take, which registry has the images, and the
                   public address, to which a canary is sent a few reads, so that it is judged where nobody buys, and
                   a release the smoke test. When that fails everything is taken back
  --images FILE    digests that npm run images wrote (default dist/images-<tag>.json): pods run what was scanned
  --values FILE    release: what is particular to the site; may be given several times
  --pods N         pods of the canary (default 1)
  --minutes N      how long it is looked at (default 5)
  --dry-run        prints the commands

SMOKE_EVENT, SMOKE_TOKEN and SMOKE_WEBHOOK_SECRET say what npm run smoke needs.

<api> is public-api or confirm-api. kubectl's context decides which cluster.`;

const namespace = 'onsale';
const lookEverySeconds = 15;
/** Sent before each look: with ten pods beside it a canary still has enough to be judged after five minutes. */
const requestsALook = 30;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pods: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '5' },
    values: { type: 'string', multiple: true, default: [] },
    outputs: { type: 'string' },
    images: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [command, ...named] = positionals;
const [chart = '', tag = ''] = command === 'release' ? ['', named[0]] : named;
const minutes = Number(values.minutes);
const apis = ['public-api', 'confirm-api'];
/** In the order they are released: what knows the newest shape of everything first. */
const charts = ['ticket-event-operator', 'confirm-worker', ...apis.toReversed()];
const isKnown =
  command === 'release'
    ? tag !== '' && values.outputs !== undefined
    : (command === 'rollback' ? charts : apis).includes(chart) &&
      (command === 'canary'
        ? tag !== '' && values.outputs !== undefined
        : ['promote', 'abort', 'rollback'].includes(command ?? ''));
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

const root = resolve(import.meta.dirname, '..');
const helmUpgrade = (chart: string, ...options: string[]) =>
  run(
    ...(['helm', 'upgrade', chart, resolve(root, 'charts', chart), '--namespace', namespace] as const),
    ...options,
    ...['--wait', '--timeout', '15m'],
  );

/** Changes some values of the release and keeps the rest, which its deployment has set. */
const upgrade = (chart: string, ...change: string[]) =>
  helmUpgrade(chart, '--reset-then-reuse-values', ...change);

/** An image by its digest, and by the tag that people call it; charts take an empty digest for none. */
interface Image {
  readonly tag: string;
  readonly digest: string;
}
interface ReleaseValues {
  readonly image?: Partial<Image>;
  readonly canary?: Partial<Image> & { readonly enabled?: boolean };
}

/** Both at once: a new tag beside the digest that was there would run the old image under the new name. */
const setImage = (of: 'image' | 'canary', { tag, digest }: Image) => [
  '--set-string',
  `${of}.tag=${tag},${of}.digest=${digest}`,
];
const scanned = (chart: string, registry: string): Image => ({
  tag,
  digest: readDigest(values.images ?? digestsPath(root, tag), tag, `${registry}${chart}`),
});

/** The values a release was given; undefined when it is not installed. */
function valuesOf(chart: string, ...revision: string[]): ReleaseValues | undefined {
  const args = ['get', 'values', chart, '--namespace', namespace, '--output', 'json', ...revision];
  try {
    const printed = execFileSync('helm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return (JSON.parse(printed) as ReleaseValues | null) ?? {};
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr);
    if (said.includes('release: not found')) return undefined;
    throw new Error(`helm ${args.join(' ')}: ${said.trim()}`, { cause: error });
  }
}

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly status: {
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
  };
}

/** Asks every pod for its metrics, by way of the API server: the internal port is reached from nowhere else. */
function look(chart: string): Look {
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

function promote(chart: string): void {
  const { enabled, tag, digest = '' } = valuesOf(chart)?.canary ?? {};
  if (enabled !== true || !tag) throw new Error(`${chart} has no canary`);
  upgrade(chart, ...setImage('image', { tag, digest }), '--set', 'canary.enabled=false');
}
const abort = (chart: string) => upgrade(chart, '--set', 'canary.enabled=false');

/** `given` are the values of the stable pods; without them they keep what they have. */
async function canary(
  chart: string,
  image: Image,
  base: string,
  given = ['--reset-then-reuse-values'],
): Promise<void> {
  const { tag } = image;
  const trial = ['--set', `canary.enabled=true,canary.replicas=${values.pods}`, ...setImage('canary', image)];
  helmUpgrade(chart, ...given, ...trial);
  if (values['dry-run']) return;
  const first = look(chart);
  for (const endMs = Date.now() + minutes * 60_000; Date.now() < endMs; ) {
    await delay(Math.min(lookEverySeconds * 1000, endMs - Date.now()));
    await askIdleApi(base, chart, requestsALook);
    const judgement = judgeCanary(first, look(chart));
    console.log(`${new Date().toISOString()} ${JSON.stringify(judgement)}`);
    if (judgement.outcome === 'bad') {
      abort(chart);
      throw new Error(`${chart} ${tag} is not good: ${judgement.reason}`);
    }
  }
  const judgement = judgeCanary(first, look(chart));
  if (judgement.outcome === 'good') return promote(chart);
  // Nobody asked it enough to tell; a person decides.
  throw new Error(
    `${chart} ${tag} stays a canary: ${judgement.reason}. Then: npm run rollout -- promote|abort ${chart}`,
  );
}

function rollback(chart: string): void {
  const listed = execFileSync('helm', ['history', chart, '--namespace', namespace, '--output', 'json'], {
    encoding: 'utf8',
  });
  const history = (JSON.parse(listed) as { revision: number; status: string }[]).map(
    ({ revision, status }) => ({
      revision,
      status,
      hasCanary: valuesOf(chart, '--revision', String(revision))?.canary?.enabled === true,
    }),
  );
  const revision = chooseRevision(history);
  if (revision === undefined) throw new Error(`${chart} has no release to go back to`);
  run(
    ...(['helm', 'rollback', chart, String(revision), '--namespace', namespace] as const),
    ...['--wait', '--timeout', '15m'],
  );
}

/** Whether the deployment sells, asked as a buyer. */
function smoke(base: string): void {
  const { SMOKE_EVENT, SMOKE_TOKEN, SMOKE_WEBHOOK_SECRET } = process.env;
  const option = (name: string, value: string | undefined) => (value ? [`--${name}`, value] : []);
  console.log(`npm run smoke -- --base ${base}`);
  if (values['dry-run']) return;
  // Not printed with its arguments: two of them are secrets.
  execFileSync(
    'npm',
    [
      ...['run', 'smoke', '--', '--base', base, ...option('event', SMOKE_EVENT)],
      ...[...option('token', SMOKE_TOKEN), ...option('webhook-secret', SMOKE_WEBHOOK_SECRET)],
    ],
    { cwd: root, stdio: 'inherit' },
  );
}

async function release(): Promise<void> {
  const { environment, registry, apiBase } = readRegion(values.outputs!);
  // All of them before anything is touched: one that is missing must not be found half-way.
  const wanted = charts.map((chart) => ({ chart, image: scanned(chart, registry) }));
  const changed: string[] = [];
  for (const { chart, image } of wanted) {
    const files = [`charts/${chart}/values-${environment}.yaml`, ...values.values];
    const given = ['--reset-values', ...files.flatMap((file) => ['--values', resolve(root, file)])];
    const present = values['dry-run'] ? undefined : valuesOf(chart)?.image;
    const stable = present?.tag && { tag: present.tag, digest: present.digest ?? '' };
    const isOther = stable && (stable.tag !== tag || stable.digest !== image.digest);
    if (apis.includes(chart) && isOther) {
      await canary(chart, image, apiBase, [...given, ...setImage('image', stable)]);
    } else {
      // What does not come up goes back by itself.
      helmUpgrade(chart, '--install', '--atomic', ...given, ...setImage('image', image));
    }
    if (isOther) changed.unshift(chart);
  }
  try {
    smoke(apiBase);
  } catch (cause) {
    for (const chart of changed) rollback(chart);
    throw new Error(`${tag} failed the smoke test; went back: ${changed.join(', ') || 'nothing'}`, { cause });
  }
}

try {
  if (command === 'release') await release();
  else if (command === 'canary') {
    const { registry, apiBase } = readRegion(values.outputs!);
    await canary(chart, scanned(chart, registry), apiBase);
  } else if (command === 'promote') promote(chart);
  else if (command === 'abort') abort(chart);
  else rollback(chart);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
