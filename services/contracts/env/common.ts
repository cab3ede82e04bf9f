import { Type } from 'typebox';
import { Flag, HttpUrl, List, Milliseconds, Port, Seconds, secret, type Need } from './setting.ts';

const hostName = '^[A-Za-z0-9.:-]+$';

/** What every process is told. */
export const processEnv = {
  HOST: Type.String({
    description: 'Address both ports listen on',
    pattern: hostName,
    expected: 'a host name or an IP address',
    default: '0.0.0.0',
  }),
  INTERNAL_PORT: Port(
    'Port of /healthz, /readyz, /metrics and the admin routes; never routed from outside',
    9090,
  ),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    description: 'Least severe log lines to write',
    default: 'info',
  }),
  AWS_REGION: Type.String({
    description: 'Region this process runs in; it sells only events whose homeRegion it is',
    pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$',
    expected: 'a Region such as ap-northeast-1',
    default: 'ap-northeast-1',
  }),
  POD_NAME: Type.Optional(
    Type.String({
      description: 'Name of this replica in heartbeats; the names of host and process when it is not given',
      pattern: '^[A-Za-z0-9.-]{1,253}$',
      expected: 'a pod name',
    }),
  ),
  POD_BUYERS_PER_SEC: Type.Number({
    description:
      'Buyers per second one replica can take through its part of a purchase; admission is no faster than the live replicas of the weakest service together',
    minimum: 0.1,
    maximum: 100_000,
    default: 1000,
  }),
  PRE_STOP_DELAY_MS: Milliseconds(
    'After SIGTERM, how long to keep serving while /readyz already fails; the load balancer must notice meanwhile',
    { default: 0 },
  ),
  SHUTDOWN_LIMIT_MS: Milliseconds(
    'After SIGTERM and the delay above, the process ends at the latest after this long',
    { default: 20_000, minimum: 1 },
  ),
};

/** Where the stores are. */
export const storesEnv = {
  POSTGRES_URL: Type.String({
    description: 'PostgreSQL, with user and password; on Aurora append ?sslmode=verify-full',
    pattern: '^postgres(ql)?://.+',
    expected: 'a postgres:// address',
    ...secret,
  }),
  POSTGRES_MAX_CONNECTIONS: Type.Integer({
    description: 'Connections this process opens at most',
    minimum: 1,
    maximum: 200,
    default: 10,
  }),
  REDIS_URL: Type.String({
    description: 'Redis; of a cluster one or more nodes, comma-separated. rediss:// for TLS',
    pattern: '^rediss?://[^,]+(,rediss?://[^,]+)*$',
    expected: 'a redis:// or rediss:// address, several separated by commas',
    default: 'redis://127.0.0.1:6379',
  }),
  REDIS_CLUSTER: Flag('Whether REDIS_URL is a cluster', false),
  REDIS_PASSWORD: Type.Optional(
    Type.String({ description: 'Password of Redis, when it asks for one', ...secret }),
  ),
  DYNAMODB_ENDPOINT: Type.Optional(HttpUrl('DynamoDB emulator; the Region decides when it is not given')),
  LOCK_TABLE: Type.String({
    description: 'DynamoDB table of the lock items',
    pattern: '^[A-Za-z0-9_.-]{3,255}$',
    expected: 'a table name of 3 to 255 letters, digits, _, . or -',
    default: 'onsale-lock-items',
  }),
  LOCK_BREAKER: Flag(
    'Whether sales go on without lock items while DynamoDB is away; should Redis be lost then, acknowledged holds are lost too',
    false,
  ),
};

/** The commit queue. */
export const queueEnv = {
  SQS_ENDPOINT: Type.Optional(HttpUrl('SQS emulator; the Region decides when it is not given')),
  COMMIT_QUEUE_URL: HttpUrl('SQS FIFO queue of the commits'),
};

/** What a process that serves buyers is told. */
export const httpEnv = {
  PORT: Port('Port the load balancer reaches', 8080),
  IDENTITY: Type.Enum(['open', 'bearer'], {
    description:
      'bearer: the token’s subject is the buyer; open: the userId is taken as said, for laptops and load tests',
    default: 'bearer',
  }),
  JWKS_URL: Type.Optional(HttpUrl('Public keys bearer tokens are checked with')),
  JWT_ISSUER: Type.Optional(
    Type.String({ description: 'Issuer a bearer token must name', expected: 'the iss claim of the tokens' }),
  ),
  JWT_AUDIENCE: Type.Optional(
    Type.String({
      description: 'Audience a bearer token must name',
      expected: 'the aud claim of the tokens',
    }),
  ),
  JWT_ROLES_CLAIM: Type.String({
    description: 'Claim that lists the caller’s roles; Amazon Cognito’s is cognito:groups',
    minLength: 1,
    default: 'roles',
  }),
  LOCAL_JWT_KEY: Type.Optional(
    Type.String({
      description: 'Shared HMAC key of bearer tokens where there is no identity provider (laptop, tests)',
      minLength: 32,
      expected: 'at least 32 characters',
      ...secret,
    }),
  ),
  ADMIN_TOKEN: Type.Optional(
    Type.String({
      description: 'Bearer token of the admin routes on the internal port; without it they answer 401',
      pattern: '^[\\x21-\\x7e]{16,}$',
      expected: 'at least 16 visible characters',
      ...secret,
    }),
  ),
  CORS_ORIGINS: List('Origins whose pages may call this service; none by default', {
    pattern: '^(https?://[^/,\\s]+(,https?://[^/,\\s]+)*)?$',
    expected: 'origins such as https://tickets.example, separated by commas',
    default: '',
  }),
  API_BASE: HttpUrl('Address clients reach this Region at; the event list tells it', {
    default: 'http://127.0.0.1:8080',
  }),
  ACCESS_LOG: Flag('Write one line per request', false),
  DOCS: Flag('Serve the OpenAPI slice and a page to read it', true),
  BODY_LIMIT_BYTES: Type.Integer({
    description: 'Largest body taken',
    minimum: 1024,
    maximum: 1_048_576,
    default: 65_536,
  }),
  KEEP_ALIVE_TIMEOUT_MS: Milliseconds(
    'How long an idle connection stays open; must exceed the load balancer’s idle timeout (60 s by default)',
    { default: 75_000, minimum: 1000 },
  ),
  SHED_REQUESTS_IN_FLIGHT: Type.Integer({
    description:
      'With so many requests taken and not yet answered, or with what is served in 0.2 s where that is more, others are refused with 503 overloaded; 0 never refuses',
    minimum: 0,
    default: 1000,
  }),
  BUYER_LIMIT: Type.Integer({
    description: 'Calls of one kind one buyer may make in a window, per process, before 429; 0 for no limit',
    minimum: 0,
    maximum: 1_000_000,
    default: 300,
  }),
  BUYER_LIMIT_WINDOW_SEC: Seconds('Length of that window', { default: 10, minimum: 1 }),
  TRUSTED_PROXY_HOPS: Type.Integer({
    description:
      'How many proxies in front append to X-Forwarded-For (load balancer 1, with CloudFront 2); 0 takes the peer’s address',
    minimum: 0,
    maximum: 10,
    default: 0,
  }),
  ADDRESS_LIMIT: Type.Integer({
    description: 'Calls one network address may make in a window, per process, before 429; 0 for no limit',
    minimum: 0,
    maximum: 10_000_000,
    default: 0,
  }),
};

/** The settings {@link httpEnv} describes. */
export const HttpEnv = Type.Object({ ...processEnv, ...httpEnv });
export type HttpEnv = Type.Static<typeof HttpEnv>;

/** bearer identity needs something to check tokens with. */
export const identityNeeds: readonly Need[] = [
  { when: { variable: 'IDENTITY', is: 'bearer' }, oneOf: ['JWKS_URL', 'LOCAL_JWT_KEY'] },
];

/** What tickets are signed with. */
export const ticketEnv = {
  TICKET_KEYS: Type.Optional(
    List(
      'Keys of the tickets’ QR codes: the first signs, all of them verify, so a key can be replaced; without it tickets have no code and gates check none',
      {
        pattern: '^[^,\\s]{32,}(,[^,\\s]{32,})*$',
        expected: 'one or more keys of at least 32 characters, separated by commas',
        secret: true,
      },
    ),
  ),
};

/** Where payments are taken and refunded. */
export const paymentEnv = {
  PAYMENT_PROVIDER_URL: HttpUrl('Payment provider: takes payments, is asked for refunds'),
  PAYMENT_PROVIDER_KEY: Type.Optional(
    Type.String({ description: 'Key sent to the payment provider', minLength: 1, ...secret }),
  ),
  PAYMENT_WAIT_SEC: Seconds('How long a captured payment waits for its hold, and a commit for its capture', {
    default: 600,
    minimum: 1,
  }),
};
