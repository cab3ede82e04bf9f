import type { Outputs } from '../outputs.ts';
import { internalPort } from '../workloads.ts';
import { type AddonName, addons } from './addons.ts';
import { prometheusAddress } from './prometheus-address.ts';

/** What the add-ons of a Region have to know of its stacks. */
export interface AddonPlace {
  readonly network: Outputs<'network'>;
  readonly cluster: Outputs<'cluster'>;
}

type Values = Readonly<Record<string, unknown>>;

const account = (name: AddonName, roleArn: string) => ({
  create: true,
  name: addons[name].account,
  annotations: { 'eks.amazonaws.com/role-arn': roleArn },
});
/** On Fargate a pod has what it asks for, and no more. */
const size = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });

const signingProxyPort = 8005;

/** Values of each add-on's chart; the rules of prometheus-adapter come beside them, from charts/scaling. */
export const addonValues: Readonly<Record<AddonName, (place: AddonPlace) => Values>> = {
  loadBalancerController: ({ network, cluster }) => ({
    clusterName: cluster.ClusterName,
    // Neither can be asked of the instance's metadata, which Fargate has not.
    region: network.Region,
    vpcId: network.VpcId,
    replicaCount: 2,
    serviceAccount: account('loadBalancerController', cluster.LoadBalancerControllerRoleArn),
    // It registers pods in target groups that exist. Everything else it could do is off, and its role would refuse.
    createIngressClassResource: false,
    enableServiceMutatorWebhook: false,
    enableBackendSecurityGroup: false,
    enableShield: false,
    enableWaf: false,
    enableWafv2: false,
    resources: size('250m', '256Mi'),
  }),
  externalSecrets: ({ cluster }) => ({
    serviceAccount: account('externalSecrets', cluster.ExternalSecretsRoleArn),
    // The chart's own 10250 is the kubelet's on Fargate.
    webhook: { port: 9443, resources: size('250m', '256Mi') },
    certController: { resources: size('250m', '256Mi') },
    resources: size('250m', '256Mi'),
  }),
  keda: ({ cluster }) => ({
    podIdentity: { aws: { irsa: { enabled: true, roleArn: cluster.KedaRoleArn } } },
    resources: {
      operator: size('500m', '768Mi'),
      metricServer: size('250m', '256Mi'),
      webhooks: size('250m', '256Mi'),
    },
  }),
  prometheusAdapter: ({ network, cluster }) => ({
    replicas: 2,
    serviceAccount: account('prometheusAdapter', cluster.PrometheusAdapterRoleArn),
    prometheus: {
      url: 'http://127.0.0.1',
      port: signingProxyPort,
      path: `/workspaces/${cluster.PrometheusWorkspaceId}`,
    },
    // The managed Prometheus wants every request signed, and the adapter cannot sign.
    extraContainers: [
      {
        name: 'signing-proxy',
        image: 'public.ecr.aws/aws-observability/aws-sigv4-proxy:1.8',
        args: [
          ...['--name', 'aps', '--region', network.Region],
          ...['--host', prometheusAddress(network.Region).host, '--port', `:${signingProxyPort}`],
        ],
        resources: size('250m', '128Mi'),
      },
    ],
    resources: size('250m', '256Mi'),
  }),
  collector: ({ network, cluster }) => ({
    mode: 'deployment',
    // Two would write every sample twice.
    replicaCount: 1,
    fullnameOverride: addons.collector.release,
    // The distribution with X-Ray and signing.
    image: { repository: 'otel/opentelemetry-collector-contrib' },
    command: { name: 'otelcol-contrib' },
    serviceAccount: account('collector', cluster.CollectorRoleArn),
    clusterRole: {
      create: true,
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    },
    resources: size('1', '1792Mi'),
    config: collectorConfig(network.Region, cluster.PrometheusWorkspaceId),
  }),
};

function collectorConfig(region: string, workspace: string): Values {
  const annotation = (name: string) => `__meta_kubernetes_pod_annotation_prometheus_io_${name}`;
  return {
    extensions: { sigv4auth: { region, service: 'aps' } },
    receivers: {
      // The chart's receivers for other protocols go away.
      jaeger: null,
      zipkin: null,
      prometheus: {
        config: {
          scrape_configs: [
            {
              job_name: 'pods',
              scrape_interval: '15s',
              kubernetes_sd_configs: [{ role: 'pod' }],
              relabel_configs: [
                { source_labels: [annotation('scrape')], action: 'keep', regex: 'true' },
                {
                  source_labels: ['__meta_kubernetes_pod_container_port_number'],
                  action: 'keep',
                  regex: String(internalPort),
                },
                { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
                { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
              ],
            },
          ],
        },
      },
    },
    exporters: {
      prometheusremotewrite: {
        endpoint: `${prometheusAddress(region).origin}/workspaces/${workspace}/api/v1/remote_write`,
        auth: { authenticator: 'sigv4auth' },
      },
      awsxray: { region },
    },
    service: {
      extensions: ['health_check', 'sigv4auth'],
      pipelines: {
        logs: null,
        metrics: { receivers: ['prometheus'], exporters: ['prometheusremotewrite'] },
        traces: { receivers: ['otlp'], exporters: ['awsxray'] },
      },
    },
  };
}
