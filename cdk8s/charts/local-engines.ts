import { localSecrets } from '@onsale/local/local-secrets';
import type { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { Type } from 'typebox';
import { objectLabels } from '../constructs/labels.ts';
import { addLocalEngine } from '../constructs/local-engine.ts';
import { containerSecurityContext, imageAddress, podSecurityContext } from '../constructs/pod-template.ts';
import { publicPort } from '../constructs/ports.ts';
import { addTestJob } from '../constructs/release-test.ts';
import type { HelmChart } from '../helm/helm-chart.ts';
import { valueReferences } from '../helm/value-references.ts';
import { localAddresses, localDatabaseUser, localEngines, localQueue } from '../values/local-engines.ts';
import { commonValues } from '../values/service-values.ts';

const name = 'local-engines';

const publicImage = (description: string, image: string) =>
  Type.Unsafe<string>({
    type: 'string',
    description,
    pattern: '^[^:\\s]+(:[0-9]+/[^:\\s]+)?:[A-Za-z0-9_][A-Za-z0-9_.-]*(@sha256:[0-9a-f]{64})?$',
    not: { pattern: ':latest$' },
    default: image,
  });

const values = Type.Object({
  environment: Type.Enum(['local'], {
    description:
      'A laptop’s cluster, and no other: emulators check no signature, and every secret here is public',
    default: 'local',
  }),
  registry: Type.String({
    description: 'Registry and path before our own image’s name, with a slash at its end',
    default: 'onsale/',
  }),
  image: Type.Object(commonValues.image.properties, {
    description:
      'Our own image, the Dockerfile’s stage dev: emulators and payment simulator as npm start runs them',
  }),
  postgresImage: publicImage('PostgreSQL, of the version the stacks deploy', 'postgres:17.5-bookworm'),
  valkeyImage: publicImage('Valkey, of the version the stacks deploy', 'valkey/valkey:8.1.1-bookworm'),
  payments: Type.Object(
    {
      behaviour: Type.Enum(['success', 'failure', 'late', 'duplicate', 'reordered', 'twice', 'manual'], {
        description: 'How payments go; manual waits for somebody to pay',
        default: 'success',
      }),
      webhookUrl: Type.String({
        description: 'Where payments are reported to',
        pattern: '^https?://[^\\s"\']+$',
        default: `http://confirm-api:${publicPort}/confirm/payment-callback`,
      }),
    },
    { description: 'The simulated payment provider' },
  ),
});

/** PostgreSQL, Valkey, DynamoDB, SQS and a payment provider for a laptop's cluster, under the names values-local.yaml says. */
export const localEnginesChart: HelmChart = {
  name,
  description: 'Engines and payment simulator of a laptop’s cluster; every secret in it is public',
  values,
  build(chart: Chart) {
    const of = valueReferences(values);
    const own = {
      image: imageAddress(of.registry, name, of.image),
      pullPolicy: of.image.pullPolicy.string,
    };
    // Official images of Debian: both know their engine's user by this number.
    const userId = 999;
    addLocalEngine(chart, name, {
      ...localEngines.postgres,
      image: of.postgresImage.string,
      args: ['-c', 'max_connections=200'],
      env: {
        POSTGRES_USER: localDatabaseUser,
        POSTGRES_PASSWORD: localDatabaseUser,
        PGDATA: '/var/lib/postgresql/data/onsale',
      },
      userId,
      memory: '512Mi',
      writes: ['/var/lib/postgresql/data', '/var/run/postgresql'],
      // By TCP: while the image prepares the database, its server listens on a socket alone.
      ready: { exec: { command: ['pg_isready', '--host=127.0.0.1', `--username=${localDatabaseUser}`] } },
    });
    addLocalEngine(chart, name, {
      ...localEngines.valkey,
      image: of.valkeyImage.string,
      args: ['valkey-server', '--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
      userId,
      memory: '256Mi',
      writes: ['/data'],
      ready: { exec: { command: ['valkey-cli', 'ping'] } },
    });
    const emulator = (settings: Readonly<Record<string, unknown>>, entry: string) => [
      ...['node', `/src/services/local/${entry}`],
      JSON.stringify({ host: '0.0.0.0', ...settings }),
    ];
    addLocalEngine(chart, name, {
      ...localEngines.dynamodb,
      ...own,
      command: emulator({ port: localEngines.dynamodb.port, dataDir: '/data' }, 'engines/dynamodb-child.ts'),
      memory: '384Mi',
      writes: ['/data'],
    });
    addLocalEngine(chart, name, {
      ...localEngines.sqs,
      ...own,
      command: emulator({ port: localEngines.sqs.port, dataDir: '/data' }, 'engines/sqs-child.ts'),
      memory: '384Mi',
      writes: ['/data'],
    });
    addLocalEngine(chart, name, {
      ...localEngines.payments,
      ...own,
      command: emulator(
        {
          port: localEngines.payments.port,
          webhookUrl: of.payments.webhookUrl.part,
          webhookSecret: localSecrets.paymentWebhookSecret,
          key: localSecrets.paymentProviderKey,
          behaviour: of.payments.behaviour.part,
          lateMs: 2000,
        },
        'payment-provider/payment-provider-child.ts',
      ),
      memory: '384Mi',
      ready: { httpGet: { path: '/ledger', port: k8s.IntOrString.fromString('engine') } },
    });
    addStoresJob(chart, own);
    addTestJob(chart, {
      name,
      labels: objectLabels(name, 'test'),
      ...own,
      command: ['node', '--input-type=module', '--eval', connectsToAll],
    });
  },
  notes: `PostgreSQL, Valkey, DynamoDB, SQS and payments (each: {{ .Values.payments.behaviour }}), for a laptop.

  helm --namespace {{ .Release.Namespace }} test {{ .Release.Name }}
  kubectl --namespace {{ .Release.Namespace }} port-forward service/payments 8090     # http://127.0.0.1:8090/ledger

Data last as long as their pods. Where PostgreSQL was replaced, helm upgrade the services: it migrates; where DynamoDB or SQS was,
helm upgrade {{ .Release.Name }}: it makes table and queues.
`,
  files: {
    'templates/refuse.yaml': `{{- if ne .Values.environment "local" }}
{{- fail "local-engines is for a laptop's cluster: its secrets are public" }}
{{- end }}
`,
  },
};

const connectsToAll = [
  "import { connect } from 'node:net';",
  "import { once } from 'node:events';",
  `for (const { name, port } of ${JSON.stringify(Object.values(localEngines))}) {`,
  '  const socket = connect(port, name);',
  "  await once(socket, 'connect', { signal: AbortSignal.timeout(10_000) });",
  '  console.log(`${name}:${port} answers`);',
  '  socket.destroy();',
  '}',
].join('\n');

/** What cluster-cdk's stacks make in a cloud. Both emulators may be later than the Job, so it has a few attempts. */
function addStoresJob(
  scope: Construct,
  { image, pullPolicy }: { readonly image: string; readonly pullPolicy: string },
): void {
  const objectName = `${name}-create-stores`;
  const labels = objectLabels(name, 'create-stores');
  const amounts = { cpu: k8s.Quantity.fromString('250m'), memory: k8s.Quantity.fromString('256Mi') };
  new k8s.KubeJob(scope, 'create-stores', {
    metadata: {
      name: objectName,
      labels,
      annotations: {
        'helm.sh/hook': 'post-install,post-upgrade',
        'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      },
    },
    spec: {
      backoffLimit: 6,
      activeDeadlineSeconds: 600,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: podSecurityContext,
          containers: [
            {
              name: 'create-stores',
              image,
              imagePullPolicy: pullPolicy,
              command: ['node', '/src/services/local/stores/main.ts'],
              env: [
                { name: 'DYNAMODB_ENDPOINT', value: localAddresses.dynamodbEndpoint },
                { name: 'SQS_ENDPOINT', value: localAddresses.sqsEndpoint },
                { name: 'COMMIT_QUEUE', value: localQueue },
              ],
              resources: { requests: amounts, limits: amounts },
              securityContext: containerSecurityContext,
            },
          ],
        },
      },
    },
  });
}
