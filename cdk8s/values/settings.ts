import { TracingEnv } from '@onsale/contracts/env/tracing';
import { Type, type TObject, type TSchema } from 'typebox';

interface SettingSchema extends TSchema {
  readonly type?: string;
  readonly default?: unknown;
  readonly description: string;
  readonly secret?: true;
  readonly pattern?: string;
}

/** How the chart knows a setting. */
export interface ChartSetting {
  readonly variable: string;
  readonly schema: SettingSchema;
  /** Without it the process does not start, or starts on a laptop's default. */
  readonly required: boolean;
  /** site: from the site's values; chart: the chart decides; secret: from a Secret; value: from `config`. */
  readonly from: 'site' | 'chart' | 'secret' | 'value';
}

/** Settings that follow from the site: variable to the site's value. */
export const siteSettings = {
  AWS_REGION: 'region',
  REDIS_URL: 'redisUrl',
  REDIS_CLUSTER: 'redisCluster',
  LOCK_TABLE: 'lockTable',
  COMMIT_QUEUE_URL: 'commitQueueUrl',
  COMMIT_DLQ_URL: 'commitDeadLetterUrl',
  DYNAMODB_ENDPOINT: 'dynamodbEndpoint',
  SQS_ENDPOINT: 'sqsEndpoint',
  API_BASE: 'apiBase',
  JWKS_URL: 'jwksUrl',
  JWT_ISSUER: 'jwtIssuer',
  JWT_AUDIENCE: 'jwtAudience',
  PAYMENT_PROVIDER_URL: 'paymentProviderUrl',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'traceCollector',
} as const;

/** Settings that hang together with other parts of the manifest. */
const chartSettings = [
  'HOST',
  'PORT',
  'INTERNAL_PORT',
  'POD_NAME',
  'POD_NAMESPACE',
  'PRE_STOP_DELAY_MS',
  'SHUTDOWN_LIMIT_MS',
  'OTEL_SERVICE_NAME',
  'ADMIN_URL',
  // Kubernetes itself sets these.
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'KUBECONFIG',
];

/** Settings whose default is the machine itself, which in a cluster is nowhere. */
const loopbackByDefault = ['REDIS_URL', 'API_BASE'];

/** Secret settings that no cloud needs: where there is an identity provider, tokens are checked by its keys. */
export const inlineOnly = ['LOCAL_JWT_KEY'];

/** A process's settings and the tracing's, each with where the chart takes it from. */
export function chartSettingsOf(env: TObject): ChartSetting[] {
  const needed = (env as { required?: readonly string[] }).required ?? [];
  const all: Record<string, TSchema> = { ...env.properties, ...TracingEnv.properties };
  return Object.entries(all as Record<string, SettingSchema>).map(([variable, schema]) => ({
    variable,
    schema,
    required:
      loopbackByDefault.includes(variable) || (needed.includes(variable) && schema.default === undefined),
    from: schema.secret
      ? 'secret'
      : variable in siteSettings
        ? 'site'
        : chartSettings.includes(variable)
          ? 'chart'
          : 'value',
  }));
}

/** The `config` values: the env schema's own types and bounds; an empty text counts as not given, as the process takes it. */
export function configValues(env: TObject): TObject {
  const properties: Record<string, TSchema> = {};
  for (const { variable, schema, from, required } of chartSettingsOf(env)) {
    if (from !== 'value') continue;
    const { description } = schema;
    if (schema.default !== undefined || required) properties[variable] = schema;
    else properties[variable] = Type.Unsafe({ anyOf: [{ const: '' }, schema], description, default: '' });
  }
  return Type.Object(properties, {
    description: 'Settings of the process; docs/configuration.md says what each does',
  });
}
