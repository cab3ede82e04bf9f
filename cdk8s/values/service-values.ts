import { Type, type TObject } from 'typebox';
import { configValues } from './settings.ts';
import { Site } from './site.ts';

/** What names one image for good, whatever happens to its tag. */
const imageDigest = Type.String({
  description: 'Digest of the image; pods then run exactly it, and the tag is a name alone',
  pattern: '^(sha256:[0-9a-f]{64})?$',
  default: '',
});

/** Values every workload has. */
export const commonValues = {
  environment: Type.Enum(['local', 'staging', 'production'], {
    description: 'What the release is for; production refuses what is meant for laptops and load tests',
    default: 'production',
  }),
  site: Site,
  image: Type.Object(
    {
      tag: Type.Unsafe<string>({
        type: 'string',
        description: 'Tag of the image; tags are immutable and never `latest`',
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$',
        not: { const: 'latest' },
      }),
      digest: imageDigest,
      pullPolicy: Type.Enum(['IfNotPresent', 'Always', 'Never'], {
        description: 'When the image is pulled',
        default: 'IfNotPresent',
      }),
    },
    { description: 'The container image; its name is the chart’s' },
  ),
  resources: Type.Object(
    {
      cpu: Type.Enum(['250m', '500m', '1', '2'], { description: 'CPU, request and limit', default: '1' }),
      memoryMi: Type.Integer({
        description: 'Memory in MiB, request and limit: a Fargate size less the 256 MB Fargate keeps',
        default: 1792,
      }),
    },
    { description: 'Requests and limits, which on Fargate are the same' },
  ),
  secrets: Type.Object(
    {
      from: Type.Enum(['external', 'inline', 'existing'], {
        description:
          'external: External Secrets reads site.secretKeys; inline: the values below; existing: a Secret with the chart’s name is there',
        default: 'external',
      }),
      inline: Type.Record(Type.String(), Type.String(), {
        description: 'Secret settings by variable, for laptops',
        default: {},
      }),
    },
    { description: 'Where secret settings come from' },
  ),
  liveSync: Type.Boolean({
    description:
      'Sources are synchronised into running pods, so they may write their file system; on laptops alone',
    default: false,
  }),
  podAnnotations: Type.Record(Type.String(), Type.String(), {
    description: 'Further annotations of the pods',
    default: {},
  }),
};

/** How long an end may take. */
export const shutdown = {
  limitSeconds: Type.Integer({
    description: 'How long requests or messages under way may take to end after the signal',
    minimum: 1,
    maximum: 110,
    default: 20,
  }),
};

const baselineHook = Type.Boolean({
  description: 'Set the minimum once, after the installation, where no operator runs',
  default: false,
});

/** How calmly pods go. */
const scaleIn = {
  scaleInAfterSeconds: Type.Integer({
    description: 'The highest wish of this time decides when pods go',
    minimum: 0,
    maximum: 3600,
    default: 300,
  }),
  scaleInPercentPerMinute: Type.Integer({
    description: 'Share of the pods that may go in a minute',
    minimum: 1,
    maximum: 100,
    default: 10,
  }),
};

/** Values of a service that the load balancer reaches. */
export function apiValues(env: TObject) {
  return Type.Object({
    ...commonValues,
    config: configValues(env),
    autoscaling: Type.Object(
      {
        baseline: Type.Integer({
          description:
            'Pods when nothing is on sale, as an annotation: the operator owns the minimum, the chart renders none',
          minimum: 1,
          maximum: 1000,
          default: 2,
        }),
        baselineHook,
        maxReplicas: Type.Integer({
          description: 'Pods at most; the operator raises floors up to here',
          minimum: 1,
          maximum: 1000,
          default: 20,
        }),
        targetCpuPercent: Type.Integer({
          description: 'Share of the requested CPU to aim at',
          minimum: 10,
          maximum: 95,
          default: 60,
        }),
        requestsPerSecondPerPod: Type.Integer({
          description: 'Requests a second to aim at, per pod',
          minimum: 1,
          default: 800,
        }),
        ...scaleIn,
      },
      { description: 'When pods come and go' },
    ),
    shutdown: Type.Object(
      {
        deregistrationDelaySeconds: Type.Integer({
          description:
            'The target group’s deregistration delay; a pod that goes serves this long and 5 s more before it is told to stop',
          minimum: 0,
          maximum: 120,
          default: 30,
        }),
        ...shutdown,
      },
      { description: 'How a pod ends without a failed request' },
    ),
    ingress: Type.Object(
      {
        enabled: Type.Boolean({
          description: 'A plain Ingress, for laptops; in the cloud pods join a target group',
          default: false,
        }),
        className: Type.String({ description: 'Class of the Ingress', default: 'nginx' }),
        host: Type.String({ description: 'Host name; any when empty', default: '' }),
      },
      { description: 'The way in on a laptop' },
    ),
    canary: Type.Object(
      {
        enabled: Type.Boolean({
          description: 'Run some pods of another image beside the others',
          default: false,
        }),
        tag: Type.String({ description: 'Tag of that image', default: '' }),
        digest: imageDigest,
        replicas: Type.Integer({
          description: 'How many; their share of all pods is their share of the requests',
          minimum: 1,
          maximum: 100,
          default: 1,
        }),
      },
      { description: 'A new version on trial, under the same load balancer' },
    ),
    migration: migrationValues,
    podMonitor: podMonitorValue,
  });
}

const migrationValues = Type.Object(
  {
    enabled: Type.Boolean({
      description: 'Bring the database to the newest schema before an installation or upgrade',
      default: true,
    }),
  },
  { description: 'The database’s schema; the Job may run again, and at once for several charts' },
);

/** Whether the Prometheus operator scrapes the pods. */
export const podMonitorValue = Type.Boolean({
  description: 'A PodMonitor for the Prometheus operator; collectors that read annotations need none',
  default: false,
});

/** Values of the queue's consumer. */
export function workerValues(env: TObject) {
  return Type.Object({
    ...commonValues,
    config: configValues(env),
    autoscaling: Type.Object(
      {
        enabled: Type.Boolean({
          description: 'A ScaledObject of KEDA; without it one pod runs',
          default: true,
        }),
        baseline: Type.Integer({
          description: 'Pods when the queue is empty, as an annotation: the operator owns the minimum',
          minimum: 1,
          maximum: 1000,
          default: 2,
        }),
        baselineHook,
        maxReplicas: Type.Integer({ description: 'Pods at most', minimum: 1, maximum: 1000, default: 20 }),
        messagesPerPod: Type.Integer({
          description: 'Messages waiting or under way that one pod answers for',
          minimum: 1,
          default: 500,
        }),
        oldestMessageSeconds: Type.Integer({
          description: 'A message older than this asks for 20 % more pods than there are',
          minimum: 1,
          default: 60,
        }),
        ...scaleIn,
      },
      { description: 'When pods come and go' },
    ),
    shutdown: Type.Object(shutdown, { description: 'How a pod ends without a lost message' }),
    migration: migrationValues,
    podMonitor: podMonitorValue,
  });
}

export type ApiValues = ReturnType<typeof apiValues>;
export type WorkerValues = ReturnType<typeof workerValues>;
