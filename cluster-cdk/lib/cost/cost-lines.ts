import type { Profile } from '../profile/profile.ts';

/** What one thing costs, in US dollars. */
export interface CostLine {
  readonly what: string;
  readonly idleMonth: number;
  readonly saleHour: number;
  /** Amazon's page that has the price. */
  readonly source: string;
  /** Whether every price of the line was compared with a published one of ap-northeast-1, in November 2026. */
  readonly isChecked: boolean;
}

const hoursAMonth = 730;

/** List prices of ap-northeast-1 in dollars, estimated for planning: look at each line's source before budgeting by it. */
const price = {
  eksHour: 0.1,
  podHour: 0.05056 + 2 * 0.00553,
  acuHour: 0.2,
  natHour: 0.062,
  endpointHour: 0.014,
  albHour: 0.0243,
  lcuHour: 0.008,
  nodeHour: { 'cache.t4g.micro': 0.019, 'cache.r7g.large': 0.21 } as Readonly<Record<string, number>>,
  edgePerMillion: 1.2,
  edgeGb: 0.114,
  wafMonth: 8,
  wafPerMillion: 0.6,
  lockWritePerMillion: 0.715,
  queuePerMillion: 0.5,
  keyMonth: 1,
  secretMonth: 0.4,
};

/** What an hour of sale takes, in the one Region it runs in. */
export interface SaleLoad {
  /** Seen from outside. */
  readonly requestsPerSecond: number;
  readonly purchasesPerSecond: number;
  /** Fargate pods of 1 vCPU and 2 GB. */
  readonly pods: number;
  /** Aurora capacity units of each instance. */
  readonly acu: number;
  readonly kbPerAnswer: number;
  /** Of the load balancer. */
  readonly lcus: number;
}

/** A sale at full load. */
export const fullSale: SaleLoad = {
  requestsPerSecond: 100_000,
  purchasesPerSecond: 2000,
  pods: 200,
  acu: 64,
  kbPerAnswer: 2,
  lcus: 400,
};

/** The lines of a profile, all of its Regions together. */
export function costLines(profile: Profile, sale: SaleLoad = fullSale): CostLine[] {
  const regions = profile.regions.length;
  const month = (hourly: number) => hourly * hoursAMonth * regions;
  const millions = (sale.requestsPerSecond * 3600) / 1e6;
  const purchaseMillions = (sale.purchasesPerSecond * 3600) / 1e6;
  const nodes = profile.cache.shards * (1 + profile.cache.replicasPerShard);
  const idlePods = profile.name === 'dev' ? 10 : 20;
  const instances = 1 + profile.aurora.readers;
  const checked = new Set(['fargate', 'vpc', 'privatelink', 'elasticloadbalancing']);
  const line = (what: string, idleMonth: number, saleHour: number, service: string): CostLine => ({
    what,
    idleMonth,
    saleHour,
    source: `https://aws.amazon.com/${service}/pricing/`,
    isChecked: checked.has(service),
  });
  return [
    line('EKS control plane', month(price.eksHour), 0, 'eks'),
    line(
      `Fargate, ${idlePods} pods a Region`,
      month(idlePods * price.podHour),
      sale.pods * price.podHour,
      'fargate',
    ),
    line(
      'Aurora, minimum capacity',
      month(profile.aurora.minAcu * instances * price.acuHour),
      sale.acu * instances * price.acuHour,
      'rds/aurora',
    ),
    line(
      `ElastiCache, ${nodes} nodes a Region`,
      month(nodes * (price.nodeHour[profile.cache.nodeType] ?? Number.NaN)),
      0,
      'elasticache',
    ),
    profile.natGateways > 0
      ? line('NAT gateways', month(profile.natGateways * price.natHour), 0, 'vpc')
      : line('Interface endpoints, one zone', month(11 * price.endpointHour), 0, 'privatelink'),
    line(
      'Load balancer',
      month(price.albHour + price.lcuHour),
      sale.lcus * price.lcuHour,
      'elasticloadbalancing',
    ),
    line(
      'CloudFront',
      0,
      millions * price.edgePerMillion + millions * sale.kbPerAnswer * price.edgeGb,
      'cloudfront',
    ),
    line('WAF', price.wafMonth, millions * price.wafPerMillion, 'waf'),
    line(
      'DynamoDB, three lock items a purchase',
      0,
      3 * purchaseMillions * price.lockWritePerMillion,
      'dynamodb',
    ),
    line('SQS, batches of ten', 0, 0.3 * purchaseMillions * price.queuePerMillion, 'sqs'),
    line('Keys and secrets', regions * (3 * price.keyMonth + 8 * price.secretMonth), 0, 'kms'),
  ];
}
