// Builds the images of a version and puts them into every Region's registry: npm run images -- --help.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { images } from '@onsale/cluster-cdk/lib/workloads';
import { digestsPath, writeDigests } from './rollout/image-digests.ts';
import { readRegion } from './rollout/read-region.ts';

const HELP = `npm run images -- <tag> --outputs FILE …   build, push and scan the images of a version

  --outputs FILE   of npm run cloud -- outputs, once for each Region: all get the same build
  --images FILE    where the digests are written for npm run rollout (default dist/images-<tag>.json)
  --dry-run        prints the commands

Tags never move: an image that is there already is neither built nor pushed again. Fails, and writes no digests, when the
registry's scan finds something critical.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    outputs: { type: 'string', multiple: true, default: [] },
    images: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [tag] = positionals;
if (values.help || tag === undefined || values.outputs.length === 0) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const root = resolve(import.meta.dirname, '..');
function run(program: string, args: readonly string[], input?: string): void {
  console.log(`${program} ${args.join(' ')}`);
  if (values['dry-run']) return;
  const stdin = input === undefined ? 'inherit' : 'pipe';
  execFileSync(program, args, {
    cwd: root,
    stdio: [stdin, 'inherit', 'inherit'],
    ...(input ? { input } : {}),
  });
}
const aws = (...args: string[]) =>
  execFileSync('aws', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** A registry of Amazon's, by its parts; throws for any other, whose scan could not be asked. */
function registryOf(address: string): { host: string; region: string; path: string } {
  const [, host = '', region = '', path = ''] =
    /^(\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com)\/(.*)$/.exec(address) ?? [];
  if (host === '' || (path !== '' && !path.endsWith('/')))
    throw new Error(`${address} is no registry of ECR`);
  return { host, region, path };
}

/** The image's digest when its tag is in the registry. */
function digestOf(region: string, repository: string): string | undefined {
  try {
    return aws(
      ...['ecr', 'describe-images', '--region', region, '--repository-name', repository],
      ...['--image-ids', `imageTag=${tag}`, '--query', 'imageDetails[0].imageDigest', '--output', 'text'],
    );
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr);
    if (said.includes('ImageNotFoundException')) return undefined;
    throw new Error(said.trim(), { cause: error });
  }
}

const built = new Set<string>();
function build(image: string): void {
  if (built.has(image)) return;
  built.add(image);
  // Fargate's processors under EKS; and one manifest, for with a provenance beside it the digest names a list, which is not scanned.
  const shape = ['--platform', 'linux/amd64', '--provenance=false'];
  run('docker', [
    ...['build', '--file', 'docker/Dockerfile', '--target', image, ...shape],
    ...['--tag', `${image}:${tag}`, '.'],
  ]);
}

/** Waits for the scan of an image and throws when it found something critical. */
function scan(region: string, repository: string, digest: string): void {
  const image = ['--region', region, '--repository-name', repository, '--image-id', `imageDigest=${digest}`];
  aws('ecr', 'wait', 'image-scan-complete', ...image);
  const found = aws(
    ...['ecr', 'describe-image-scan-findings', ...image],
    ...['--query', 'imageScanFindings.findingSeverityCounts.CRITICAL', '--output', 'text'],
  );
  const isClean = found === 'None' || found === '0';
  console.log(`${repository}@${digest} in ${region}: ${isClean ? 'nothing' : found} critical`);
  if (!isClean) throw new Error(`${repository}:${tag} has critical findings`);
}

try {
  const digests: Record<string, string> = {};
  for (const { host, region, path } of values.outputs.map((file) => registryOf(readRegion(file).registry))) {
    const password = values['dry-run'] ? '' : aws('ecr', 'get-login-password', '--region', region);
    run('docker', ['login', '--username', 'AWS', '--password-stdin', host], password);
    for (const image of images) {
      const repository = `${path}${image}`;
      if (values['dry-run'] || digestOf(region, repository) === undefined) {
        build(image);
        run('docker', ['tag', `${image}:${tag}`, `${host}/${repository}:${tag}`]);
        run('docker', ['push', `${host}/${repository}:${tag}`]);
      }
      if (values['dry-run']) continue;
      const digest = digestOf(region, repository);
      if (digest === undefined) throw new Error(`${host}/${repository}:${tag} was pushed and is not there`);
      scan(region, repository, digest);
      digests[`${host}/${repository}`] = digest;
    }
  }
  const file = values.images ?? digestsPath(root, tag);
  if (!values['dry-run']) writeDigests(file, { tag, digests });
  console.log(file);
} catch (error) {
  console.error(error instanceof Error ? error.message.split('\n')[0] : error);
  process.exitCode = 1;
}
