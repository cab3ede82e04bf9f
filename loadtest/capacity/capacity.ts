import { parseArgs } from 'node:util';
import { costLines } from '@onsale/cluster-cdk/lib/cost/cost-lines';
import { profiles } from '@onsale/cluster-cdk/lib/profile/profile';
import { limits, type Region } from './limits.ts';
import { planCapacity, whatBreaks } from './plan-capacity.ts';
import { readStepCosts } from './step-costs.ts';

const measurements = new URL('../../docs/measurements/bench.json', import.meta.url);
const regions = Object.keys(limits.queueCalls) as Region[];

const help = `npm run capacity -- [options]

What a sale needs of each part, by the CPU its requests were measured to take, and what breaks first.

  --rps <n>         requests per second, seen from outside (default 100000)
  --purchases <n>   purchases per second among them, five requests each (default: 2 % of --rps)
  --edge-hits <s>   share of summaries and seat maps CloudFront answers (default 0.9)
  --sections <n>    sections of the event (default 40)
  --region <name>   ${regions.join(' or ')} (default ${regions[0]})
  --vcpu <x>        speed of a vCPU beside the core the bench ran on (default 0.6: assumed, not measured)
  --busy <s>        share of a processor planned to be busy (default 0.6)
  --bench <file>    what npm run bench -- --json wrote (default docs/measurements/bench.json)
  --json            the plan as JSON
  --help            this`;

const { values } = parseArgs({
  options: {
    rps: { type: 'string', default: '100000' },
    purchases: { type: 'string' },
    'edge-hits': { type: 'string', default: '0.9' },
    sections: { type: 'string', default: '40' },
    region: { type: 'string', default: regions[0]! },
    vcpu: { type: 'string', default: '0.6' },
    busy: { type: 'string', default: '0.6' },
    bench: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const problems: string[] = [];
const number = (
  name: 'rps' | 'purchases' | 'edge-hits' | 'sections' | 'vcpu' | 'busy',
  least: number,
  most: number,
) => {
  const value = Number(values[name]);
  if (!(value >= least && value <= most)) problems.push(`--${name} is a number from ${least} to ${most}`);
  return value;
};
const requestsPerSecond = number('rps', 1, 1e8);
const traffic = {
  requestsPerSecond,
  purchasesPerSecond:
    values.purchases === undefined ? requestsPerSecond / 50 : number('purchases', 0, requestsPerSecond / 5),
  edgeHits: number('edge-hits', 0, 1),
  sections: Math.round(number('sections', 1, 1000)),
};
const vcpuSpeed = number('vcpu', 0.01, 10);
const busy = number('busy', 0.05, 1);
const region = regions.find((one) => one === values.region);
if (!region) problems.push(`--region is ${regions.join(' or ')}`);
if (values.help || problems.length > 0 || !region) {
  for (const problem of problems) console.error(problem);
  console.log(help);
  process.exit(values.help ? 0 : 2);
}

const { costs, at, processor } = await readStepCosts(values.bench ?? measurements);
const input = { traffic, region, costs, vcpuSpeed, busy };
const plan = planCapacity(input);
const broken = whatBreaks(input);
const pods = plan.pods.publicApi + plan.pods.confirmApi + plan.pods.confirmWorker;
const hourUsd = costLines(profiles.production, {
  requestsPerSecond,
  purchasesPerSecond: traffic.purchasesPerSecond,
  pods,
  acu: Math.max(plan.auroraUnits, profiles.production.aurora.minAcu),
  kbPerAnswer: 2,
  lcus: plan.loadBalancerUnits,
}).reduce((total, line) => total + line.saleHour, 0);

if (values.json) {
  console.log(
    JSON.stringify(
      { input: { traffic, region, vcpuSpeed, busy, bench: at }, ...plan, broken, hourUsd },
      null,
      2,
    ),
  );
} else {
  const shown = (value: number) =>
    value < 10 && !Number.isInteger(value) ? value.toFixed(2) : Math.ceil(value).toLocaleString('en');
  console.log(
    `${shown(requestsPerSecond)} requests/s, ${shown(traffic.purchasesPerSecond)} purchases/s, ${region}; costs of ${at.slice(0, 10)}, ${processor}\n`,
  );
  for (const { part, need, unit, limit, canBeRaised } of plan.needs) {
    const of =
      limit === undefined
        ? ''
        : `${Math.round((100 * need) / limit)} % of ${shown(limit)}${canBeRaised ? ', can be raised' : ''}`;
    console.log(`${part.padEnd(32)} ${shown(need).padStart(9)} ${unit.padEnd(24)} ${of}`.trimEnd());
  }
  console.log(
    `\nAll pods are launched after ${plan.launchSeconds} s. An hour costs about ${Math.round(hourUsd)} dollars by list prices.\n\nWhat breaks, in this order:`,
  );
  for (const { part, atRequestsPerSecond, canBeRaised } of broken) {
    console.log(
      `${shown(atRequestsPerSecond).padStart(13)} requests/s  ${part}${canBeRaised ? ' (default; can be raised)' : ''}`,
    );
  }
}
