import { type Static, Type } from 'typebox';

const text = (description: string, fallback = '') => Type.String({ description, default: fallback });

/** Workloads, by the name their values have. */
export const workloadKeys = {
  'public-api': 'publicApi',
  'confirm-api': 'confirmApi',
  'confirm-worker': 'confirmWorker',
  'ticket-event-operator': 'ticketEventOperator',
  bots: 'bots',
} as const;
export type WorkloadName = keyof typeof workloadKeys;

/** What is particular to the place a release runs in. One file of it serves every chart. */
export const Site = Type.Object(
  {
    region: Type.String({
      description: 'Region the release runs in',
      pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$',
      default: 'ap-northeast-1',
    }),
    registry: text('Registry and path before an image’s name, with a slash at its end'),
    apiBase: text('Address clients reach this Region at'),
    jwksUrl: text('Public keys of the identity provider'),
    jwtIssuer: text('Issuer a bearer token must name'),
    jwtAudience: text('Audience a bearer token must name'),
    paymentProviderUrl: text('Payment provider'),
    database: Type.Object(
      {
        host: Type.String({
          description: 'Address of the writer, as its certificate has it',
          pattern: '^[A-Za-z0-9.-]*$',
          default: '',
        }),
        port: Type.Integer({ description: 'Port', minimum: 1, maximum: 65535, default: 5432 }),
        name: Type.String({
          description: 'Name of the database',
          pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
          default: 'onsale',
        }),
      },
      { description: 'PostgreSQL, when secrets.from is external; else POSTGRES_URL says it all' },
    ),
    redisUrl: text('Redis, of a cluster one or more nodes separated by commas'),
    redisCluster: Type.Boolean({ description: 'Whether Redis is a cluster', default: false }),
    lockTable: Type.String({
      description: 'DynamoDB table of the lock items',
      pattern: '^[A-Za-z0-9_.-]{3,255}$',
      default: 'onsale-lock-items',
    }),
    commitQueueUrl: text('SQS FIFO queue of the commits'),
    commitDeadLetterUrl: text('SQS FIFO queue that poison messages end in'),
    dynamodbEndpoint: text('DynamoDB emulator; the Region decides when it is empty'),
    sqsEndpoint: text('SQS emulator; the Region decides when it is empty'),
    traceCollector: text('OTLP/HTTP collector; nothing is traced when it is empty'),
    secretStore: text('ClusterSecretStore of External Secrets that reads Secrets Manager', 'onsale'),
    clusterSecurityGroup: text('The cluster’s own security group, which lets pods reach each other'),
    roleArns: Type.Object(
      {
        publicApi: text('Role of public-api'),
        confirmApi: text('Role of confirm-api'),
        confirmWorker: text('Role of confirm-worker'),
        ticketEventOperator: text('Role of the operator'),
      },
      { description: 'IAM roles that the service accounts take; none when empty' },
    ),
    securityGroups: Type.Object(
      {
        publicApi: text('Security group of public-api'),
        confirmApi: text('Security group of confirm-api'),
        confirmWorker: text('Security group of confirm-worker'),
      },
      { description: 'Security groups of the pods; without one a pod has the cluster’s' },
    ),
    targetGroupArns: Type.Object(
      {
        publicApi: text('Target group of public-api'),
        confirmApi: text('Target group of confirm-api'),
      },
      { description: 'Target groups of the load balancer that pods are registered in; none when empty' },
    ),
    secretKeys: Type.Object(
      {
        database: text('Services’ user of the database: username and password'),
        databaseOwner: text('Owner of the database, with the same properties'),
        REDIS_PASSWORD: text('Password of Redis'),
        ROOM_TOKEN_KEYS: text('Keys of room tokens'),
        TICKET_KEYS: text('Keys of the tickets’ QR codes'),
        ADMIN_TOKEN: text('Token of the admin routes'),
        PAYMENT_WEBHOOK_SECRETS: text('Secrets of the payment provider’s signature'),
        PAYMENT_PROVIDER_KEY: text('Key sent to the payment provider'),
      },
      { description: 'Names or ARNs in Secrets Manager, read when secrets.from is external' },
    ),
  },
  { description: 'What is particular to the place; the same for every chart of a Region' },
);
export type SiteValues = Static<typeof Site>;
