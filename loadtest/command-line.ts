import { parseArgs } from 'node:util';
import { localSecrets } from '@onsale/local/local-secrets';
import { allProfiles } from './profiles/all-profiles.ts';
import { durationSeconds, peakRps } from './profiles/profile.ts';

/** What `--help` says. */
export const help = `npm run loadtest -- --profile NAME [options]     puts load on, and reports
npm run loadtest -- --profile NAME --dry-run  prints the TestRun of k6-operator, and why it has so many runners
npm run loadtest -- --profile NAME --apply    applies it, follows it, brings its figures here, and reports
npm run loadtest -- fixtures --profile NAME --out FILE     publishes the events a profile needs, writes who asks for what
npm run loadtest -- report [FOLDER]          makes a run's report again from its raw output; by default the last run's
npm run loadtest -- mark TEXT                notes that something was done to the system in the run under way, such as a fault

  --profile NAME      one of those below
  --scale N           part of the profile's rates, such as 0.001 to try a big one on a laptop (default 1)
  --minutes N         length of the whole run (default: the profile's)
  --base URL          the deployment's address (default: the local runner's)
  --fixtures FILE     events, seats and buyers made before (default: published anew)
  --admin URL         internal address of public-api (default: the local runner's)
  --admin-token TEXT  its admin token (default: the local runner's)
  --runners N         k6 processes that share the load here (default 1), or pods (default: what the profile needs)
  --values FILE       values of charts/loadtest, for --dry-run and --apply; may be given several times
  --namespace NAME    of the TestRun (default onsale-load)
  --context NAME      of kubectl: a cluster outside the sale's account or Region (default: the current one)
  --prometheus URL    asked for services' figures when the run is over, and again by report; Amazon's are signed
  --cloudwatch NAME   deployment whose alarms' metrics are asked for then, such as staging; --region is its Region
  --region NAME       of --cloudwatch (default: the AWS SDK's)
  --sale-context NAME of kubectl: the sale's cluster, whose ready pods are counted all along
  --sale-namespace NAME  of the sale there (default onsale)
  --dir DIR           state directory of the local runner (default .onsale)
  --out PATH          where the run's folder, or the fixtures, go (default <dir>/loadtest/<time>-<profile>)
  --help              this

Switch bots off before: npm run onsale -- bots off. Ends with 0 when everything was met, 1 when not, 2 when it could not run.

Profiles:
${allProfiles
  .map((one) => {
    const minutes = (durationSeconds(one) / 60).toFixed(1);
    return `  ${one.name.padEnd(14)}${one.description} (up to ${peakRps(one)} requests/s, ${minutes} min)`;
  })
  .join('\n')}`;

const parse = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      profile: { type: 'string' },
      scale: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      prometheus: { type: 'string' },
      cloudwatch: { type: 'string' },
      region: { type: 'string' },
      'sale-context': { type: 'string' },
      'sale-namespace': { type: 'string', default: 'onsale' },
      base: { type: 'string' },
      fixtures: { type: 'string' },
      admin: { type: 'string' },
      'admin-token': { type: 'string', default: localSecrets.adminToken },
      dir: { type: 'string', default: '.onsale' },
      out: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      apply: { type: 'boolean', default: false },
      runners: { type: 'string' },
      values: { type: 'string', multiple: true, default: [] },
      namespace: { type: 'string', default: 'onsale-load' },
      context: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });

/** Options and commands as they were typed; ends the process, naming it, where one is unknown. */
export function readCommandLine(): ReturnType<typeof parse> {
  try {
    return parse();
  } catch (error) {
    console.error(`${(error as Error).message}\nAll there are: npm run loadtest -- --help`);
    process.exit(2);
  }
}
