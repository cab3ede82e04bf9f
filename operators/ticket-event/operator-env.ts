import { HttpUrl, List, Milliseconds, Port, secret } from '@onsale/contracts/env/setting';
import { Type } from 'typebox';

/** Settings of the operator. */
export const OperatorEnv = Type.Object(
  {
    HOST: Type.String({ description: 'Address health and metrics listen on', default: '0.0.0.0' }),
    INTERNAL_PORT: Port('Port of /healthz, /readyz and /metrics', 9090),
    LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      description: 'Least severe log lines to write',
      default: 'info',
    }),
    AWS_REGION: Type.String({
      description: 'Region this operator serves: it warms and publishes only sales whose homeRegion it is',
      pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$|^local$',
      expected: 'a Region such as ap-northeast-1, or local',
      default: 'ap-northeast-1',
    }),
    AWS_LEVERS: Type.Boolean({
      description: 'Whether to move the load balancer and Aurora, and check DynamoDB and quotas',
      default: false,
    }),
    KUBECONFIG: Type.Optional(
      Type.String({
        description: 'Kubeconfig to use instead of the service account; for people',
        maxLength: 4096,
      }),
    ),
    KUBERNETES_SERVICE_HOST: Type.String({
      description: 'Address of the API server; Kubernetes sets it in every pod',
      default: 'kubernetes.default.svc',
    }),
    KUBERNETES_SERVICE_PORT: Port('Port of the API server; Kubernetes sets it in every pod', 443),
    SUBNET_IDS: List('Subnets of the Fargate profile, whose free addresses are counted a day ahead', {
      pattern: '^(subnet-[0-9a-f]+(,subnet-[0-9a-f]+)*)?$',
      expected: 'subnet ids parted by commas',
      default: '',
    }),
    POD_NAME: Type.Optional(
      Type.String({ description: 'Name of this replica in the Lease', maxLength: 253 }),
    ),
    POD_NAMESPACE: Type.String({ description: 'Namespace of the Lease and the memory', default: 'default' }),
    ADMIN_URL: Type.Optional(HttpUrl("public-api's internal address; without it people publish by hand")),
    ADMIN_TOKEN: Type.Optional(
      Type.String({ description: 'Bearer token of the admin API', minLength: 16, ...secret }),
    ),
    RELIST_MS: Milliseconds('How often every cache is listed anew', { default: 300_000, minimum: 1000 }),
    STUCK_POD_MS: Milliseconds('A pod that has been given a node and is Pending for longer is replaced', {
      default: 300_000,
      minimum: 1000,
    }),
    LEASE_MS: Milliseconds('A lease not renewed for this long is free; writes stop at two thirds of it', {
      default: 15_000,
      minimum: 900,
    }),
  },
  { $id: 'ticket-event-operator' },
);

export type OperatorEnv = Type.Static<typeof OperatorEnv>;
