// guard | stop | start | destroy: what people and workflows do to a deployment as a whole.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { busySales, type ListedEvent } from '../lib/operate/busy-sales.ts';
import { profiles } from '../lib/profile/profile.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { force: { type: 'boolean', default: false }, 'dry-run': { type: 'boolean', default: false } },
});
const [command, profileName, regionName] = positionals;
const profile = Object.values(profiles).find(({ name }) => name === profileName);
const region = profile?.regions.find((name) => name === regionName);
const commands = ['guard', 'stop', 'start', 'destroy'];
if (!commands.includes(command ?? '') || profile === undefined || region === undefined) {
  process.stderr.write(
    `npm run cloud -- ${commands.join(' | ')} <profile> <region> [--force] [--dry-run]\n\nIts kubectl context must be the cluster of that Region.\n`,
  );
  process.exit(2);
}

function guard(): void {
  if (values.force) return;
  const listed = execFileSync('kubectl', ['get', 'ticketevents', '--all-namespaces', '--output', 'json'], {
    encoding: 'utf8',
  });
  const busy = busySales((JSON.parse(listed) as { items: ListedEvent[] }).items, region!, Date.now());
  if (busy.length === 0) return;
  process.stderr.write(`Refused, a sale is under way (--force overrides):\n  ${busy.join('\n  ')}\n`);
  process.exit(1);
}

function run(program: string, ...args: string[]): void {
  process.stdout.write(`${program} ${args.join(' ')}\n`);
  if (!values['dry-run']) execFileSync(program, args, { stdio: 'inherit' });
}

const scale = (replicas: number) =>
  run('kubectl', '--namespace', 'onsale', 'scale', 'deployment', '--all', `--replicas=${replicas}`);

if (!values['dry-run']) guard();
if (command === 'destroy') {
  if (profile.protectsData) {
    process.stderr.write(
      `${profile.name} keeps data: lift its protection by hand first (docs/deployment.md)\n`,
    );
    process.exit(1);
  }
  run('npm', 'run', 'cdk', '--', 'destroy', '--all', '--force', '--context', `profile=${profile.name}`);
} else if (command !== 'guard') {
  // Autoscalers leave a Deployment of zero alone; an Aurora cluster with a minimum of 0 pauses by itself when nobody is connected.
  scale(command === 'stop' ? 0 : 1);
}
