// The values of a site from the outputs of its stacks: npm run site -- --help.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { environments, profileOf, regionOf } from '@onsale/cdk8s/values/environments';
import type { OutputsFile } from '@onsale/cluster-cdk/lib/outputs';
import { parse, stringify } from 'yaml';
import { ownKeys, type OwnValues, siteValues } from './site/site-values.ts';

const sites = environments.filter((one) => one !== 'local');
const HELP = `npm run site -- <environment> [options]

Writes the values file that all charts of an environment share, from the outputs of its Region's stacks.

  <environment>    ${sites.join(', ')}
  --outputs FILE   outputs of the Region's stacks (default dist/outputs-<profile>-<region>.json, which
                   npm run cloud -- deploy and outputs write)
  --own FILE       YAML with what no stack knows: ${ownKeys.join(', ')}
  --output FILE    where to write (default dist/site-<environment>.yaml)`;

const root = resolve(import.meta.dirname, '..');

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      outputs: { type: 'string' },
      own: { type: 'string' },
      output: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const environment = sites.find((one) => one === positionals[0]);
  if (environment === undefined || positionals.length > 1) {
    if (positionals[0] === 'dev')
      console.error(
        'The profile dev has no chart values: it is for trying the stacks (docs/deployment.md).\n',
      );
    console.error(HELP);
    process.exitCode = 2;
    return;
  }
  const region = regionOf(environment);
  const outputsFile =
    values.outputs ?? join(root, 'dist', `outputs-${profileOf(environment)}-${region}.json`);
  const outputs = JSON.parse(readFileSync(outputsFile, 'utf8')) as OutputsFile;
  const own = values.own === undefined ? {} : readOwn(values.own);
  const file = values.output ?? join(root, 'dist', `site-${environment}.yaml`);
  const text = stringify(siteValues(environment, outputs, own), { lineWidth: 0 });
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, `# Written by npm run site -- ${environment}.\n${text}`);
  console.log(file);
  const missing = (['jwksUrl', 'paymentProviderUrl'] as const).filter((key) => !own[key]);
  if (missing.length > 0) console.error(`Charts will refuse it without ${missing.join(' and ')}: give --own`);
}

function readOwn(file: string): OwnValues {
  const own = (parse(readFileSync(file, 'utf8')) ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(own).filter((key) => !(ownKeys as readonly string[]).includes(key));
  if (unknown.length > 0) throw new Error(`${file}: ${unknown.join(', ')} is not one's own to give`);
  return own;
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
