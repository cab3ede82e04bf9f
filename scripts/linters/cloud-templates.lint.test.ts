import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { cfnLint, findCfnLint } from './cfn-lint.ts';

// A minute where the machine is busy with other things.
t.setTimeout(600_000);
const goldens = fileURLToPath(new URL('../../cluster-cdk/golden', import.meta.url));
const options = [
  ...['--regions', 'ap-northeast-1', '--non-zero-exit-code', 'warning', '--ignore-checks'],
  // The CDK writes dependencies that a reference implies already.
  'W3005',
  // Zones are named, so that synthesis looks nothing up.
  'W3010',
  // CloudFront delivers its logs by an access control list.
  'W3045',
];
const folder = await findCfnLint();
if (folder === undefined) throw new Error('cfn-lint is missing: npm run setup');

t.test('what is deployed is what CloudFormation understands', async (t) => {
  const files = globSync('*/*.yaml', { cwd: goldens }).map((file) => `${goldens}/${file}`);
  t.ok(files.length >= 27);
  t.equal(await cfnLint(folder, options, files), '');
});

t.test('a template with a property that is not is refused', async (t) => {
  const sound = readFileSync(`${goldens}/dev/firewall.yaml`, 'utf8');
  const file = `${t.testdir()}/broken.yaml`;
  writeFileSync(file, sound.replace('Scope: CLOUDFRONT', 'Scoop: CLOUDFRONT'));
  t.match(await cfnLint(folder, options, [file]), /E3002|E3003/);
  rmSync(file);
});
