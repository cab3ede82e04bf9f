import { localSecrets } from '@onsale/local/local-secrets';
import { localAddresses } from './local-engines.ts';
import type { WorkloadName } from './site.ts';

/** Where releases are made for; the last two are the two Regions of production. */
export const environments = [
  'local',
  'staging',
  'production-ap-northeast-1',
  'production-ap-northeast-2',
] as const;
export type EnvironmentName = (typeof environments)[number];

type Values = Readonly<Record<string, unknown>>;

/** Region of an environment. */
export const regionOf = (environment: EnvironmentName) =>
  environment === 'production-ap-northeast-2' ? 'ap-northeast-2' : 'ap-northeast-1';

/** The deployment of cluster-cdk that an environment's releases run in; a laptop has none. */
export const profileOf = (environment: Exclude<EnvironmentName, 'local'>) =>
  environment === 'staging' ? 'staging' : 'production';

/** Settings of a laptop that hold secrets only in name: those of `npm start`, so that its tools open both. */
const laptopSecrets = {
  POSTGRES_URL: localAddresses.postgresUrl,
  ROOM_TOKEN_KEYS: localSecrets.roomTokenKey,
  TICKET_KEYS: localSecrets.ticketKey,
  ADMIN_TOKEN: localSecrets.adminToken,
  LOCAL_JWT_KEY: localSecrets.jwtKey,
  PAYMENT_WEBHOOK_SECRETS: localSecrets.paymentWebhookSecret,
  PAYMENT_PROVIDER_KEY: localSecrets.paymentProviderKey,
} as const;

/** The secrets each workload has a variable for. */
const secretsOf: Readonly<Record<WorkloadName, readonly (keyof typeof laptopSecrets)[]>> = {
  'public-api': ['POSTGRES_URL', 'ROOM_TOKEN_KEYS', 'TICKET_KEYS', 'ADMIN_TOKEN', 'LOCAL_JWT_KEY'],
  'confirm-api': [
    'POSTGRES_URL',
    'TICKET_KEYS',
    'ADMIN_TOKEN',
    'LOCAL_JWT_KEY',
    'PAYMENT_WEBHOOK_SECRETS',
    'PAYMENT_PROVIDER_KEY',
  ],
  'confirm-worker': ['POSTGRES_URL', 'ADMIN_TOKEN', 'PAYMENT_PROVIDER_KEY'],
  'ticket-event-operator': ['ADMIN_TOKEN'],
  bots: ['ADMIN_TOKEN', 'LOCAL_JWT_KEY'],
};

const small = { cpu: '250m', memoryMi: 256 };

/** A cluster on a laptop; the chart local-engines brings engines and payment provider. */
function localValues(workload: WorkloadName): Values {
  const own: Record<WorkloadName, Values> = {
    'public-api': {
      config: { IDENTITY: 'open' },
      autoscaling: { baseline: 1, maxReplicas: 3, baselineHook: true },
      shutdown: { deregistrationDelaySeconds: 0 },
      ingress: { enabled: true },
    },
    'confirm-api': {
      config: { IDENTITY: 'open' },
      autoscaling: { baseline: 1, maxReplicas: 3, baselineHook: true },
      shutdown: { deregistrationDelaySeconds: 0 },
      ingress: { enabled: true },
    },
    'confirm-worker': { autoscaling: { enabled: false } },
    'ticket-event-operator': { replicas: 1 },
    bots: { config: { BOTS_ENABLED: true, PAYMENT_SIMULATOR_URL: localAddresses.paymentProviderUrl } },
  };
  return {
    environment: 'local',
    image: { tag: 'dev' },
    resources: workload === 'ticket-event-operator' ? small : { cpu: '250m', memoryMi: 768 },
    secrets: {
      from: 'inline',
      inline: Object.fromEntries(secretsOf[workload].map((name) => [name, laptopSecrets[name]])),
    },
    site: {
      region: 'ap-northeast-1',
      registry: 'onsale/',
      // From a pod the laptop's own address is the pod's: bots go in by the Ingress.
      apiBase:
        workload === 'bots' ? 'http://ingress-nginx-controller.ingress-nginx.svc' : 'http://127.0.0.1:8080',
      redisUrl: localAddresses.redisUrl,
      commitQueueUrl: localAddresses.commitQueueUrl,
      commitDeadLetterUrl: localAddresses.commitDeadLetterUrl,
      dynamodbEndpoint: localAddresses.dynamodbEndpoint,
      sqsEndpoint: localAddresses.sqsEndpoint,
      paymentProviderUrl: localAddresses.paymentProviderUrl,
    },
    ...own[workload],
  };
}

/** Like production, but smaller, and open to load tests that say who a buyer is. */
function stagingValues(workload: WorkloadName): Values {
  const api = { IDENTITY: 'open', TRUSTED_PROXY_HOPS: 2, POSTGRES_MAX_CONNECTIONS: 4 };
  const own: Record<WorkloadName, Values> = {
    'public-api': { config: api, autoscaling: { maxReplicas: 150 } },
    'confirm-api': { config: api, autoscaling: { maxReplicas: 80 } },
    'confirm-worker': { config: { POSTGRES_MAX_CONNECTIONS: 5 }, autoscaling: { maxReplicas: 40 } },
    'ticket-event-operator': { config: { AWS_LEVERS: true } },
    bots: {},
  };
  return { environment: 'staging', site: { region: 'ap-northeast-1', redisCluster: true }, ...own[workload] };
}

/** Ceilings carry 100,000 requests a second with a fifth to spare; connections stay under Aurora's limit at them. */
function productionValues(workload: WorkloadName, region: string): Values {
  const cloud = { TRUSTED_PROXY_HOPS: 2, TRACE_FORMAT: 'xray', POSTGRES_MAX_CONNECTIONS: 4 };
  const own: Record<WorkloadName, Values> = {
    'public-api': { config: cloud, autoscaling: { baseline: 4, maxReplicas: 150 } },
    'confirm-api': { config: cloud, autoscaling: { baseline: 4, maxReplicas: 80 } },
    'confirm-worker': {
      config: { TRACE_FORMAT: 'xray', POSTGRES_MAX_CONNECTIONS: 5 },
      autoscaling: { maxReplicas: 60 },
    },
    'ticket-event-operator': {
      config: { AWS_LEVERS: true, TRACE_FORMAT: 'xray' },
      resources: { cpu: '250m', memoryMi: 768 },
    },
    bots: { config: { TRACE_FORMAT: 'xray' } },
  };
  return { environment: 'production', site: { region, redisCluster: true }, ...own[workload] };
}

/** The values of a workload in an environment; a site's file and an image tag are given beside them. */
export function environmentValues(workload: WorkloadName, environment: EnvironmentName): Values {
  if (environment === 'local') return localValues(workload);
  if (environment === 'staging') return stagingValues(workload);
  return productionValues(workload, regionOf(environment));
}

/** The site's values as a deployment of cluster-cdk has them, with an account of the documentation. */
export function sampleSite(environment: EnvironmentName): Values {
  if (environment === 'local') return {};
  const region = regionOf(environment);
  const profile = profileOf(environment);
  const account = '111122223333';
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  const queue = `https://sqs.${region}.amazonaws.com/${account}/onsale-${profile}`;
  const secret = (name: string) => arn('secretsmanager', `secret:onsale-${profile}-${name}`);
  const role = (name: string) => `arn:aws:iam::${account}:role/onsale-${profile}-${name}`;
  const targetGroup = (name: string) =>
    arn('elasticloadbalancing', `targetgroup/onsale-${name}/0123456789abcdef`);
  return {
    site: {
      registry: `${account}.dkr.ecr.${region}.amazonaws.com/onsale/${profile}/`,
      apiBase: `https://${region}.tickets.example`,
      jwksUrl: 'https://identity.example/.well-known/jwks.json',
      jwtIssuer: 'https://identity.example',
      jwtAudience: 'onsale',
      paymentProviderUrl: 'https://payments.example',
      database: { host: `onsale-${profile}.cluster-abcdefghijkl.${region}.rds.amazonaws.com` },
      redisUrl: `rediss://clustercfg.onsale-${profile}.cache.amazonaws.com:6379`,
      lockTable: `onsale-${profile}-LockTable`,
      commitQueueUrl: `${queue}-Commits.fifo`,
      commitDeadLetterUrl: `${queue}-DeadLetters.fifo`,
      traceCollector: 'http://collector.observability.svc:4318',
      clusterSecurityGroup: 'sg-0aaaaaaaaaaaaaaaa',
      roleArns: {
        publicApi: role('public-api'),
        confirmApi: role('confirm-api'),
        confirmWorker: role('confirm-worker'),
        ticketEventOperator: role('ticket-event-operator'),
      },
      securityGroups: {
        publicApi: 'sg-0bbbbbbbbbbbbbbbb',
        confirmApi: 'sg-0cccccccccccccccc',
        confirmWorker: 'sg-0dddddddddddddddd',
      },
      targetGroupArns: { publicApi: targetGroup('public-api'), confirmApi: targetGroup('confirm-api') },
      secretKeys: {
        database: secret('database'),
        databaseOwner: secret('database-owner'),
        REDIS_PASSWORD: secret('redis'),
        ROOM_TOKEN_KEYS: secret('room-token-keys'),
        TICKET_KEYS: secret('ticket-keys'),
        ADMIN_TOKEN: secret('admin-token'),
        PAYMENT_WEBHOOK_SECRETS: secret('payment-webhook'),
        PAYMENT_PROVIDER_KEY: secret('payment-provider'),
      },
    },
  };
}
