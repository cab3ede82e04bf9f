import { derived, measured } from './metric-names.ts';

/** A rule that records a metric. */
interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** The load balancer's promise to buyers: p95 of at most this, a boundary of the services' histogram. */
const slowAfter = '0.2';
/** p95 is above it when more than this share of the requests is slower. */
const slowShare = 0.05;
/** Requests a second below which slowness is chance: a single slow request at night is half of two. */
const busyFrom = 10;

const seconds = measured.requestSeconds;
const byService = 'sum by (namespace, service)';
/** Makes an absent sum a zero wherever there are pods: an autoscaler whose metric is absent never scales in. */
const orZero = `or 0 * ${derived.readyPods}`;

/** In order: a rule may use what those before it recorded. */
const rules: readonly RecordingRule[] = [
  {
    record: derived.requestsPerSecond,
    expr: `sum by (namespace, pod, service) (rate(${seconds}_count[1m]))`,
  },
  {
    // Pods all of whose checks pass. Starting ones do not count, or waiting for them would ask for ever more.
    record: derived.readyPods,
    expr: `${byService} (min by (namespace, pod, service) (${measured.readinessCheck}{service=~"public-api|confirm-api"}))`,
  },
  {
    record: derived.serviceRequestsPerSecond,
    expr: `${byService} (rate(${seconds}_count[1m])) ${orZero}`,
  },
  {
    record: derived.slowRequestsPerSecond,
    expr: `${byService} (rate(${seconds}_count[1m])) - ${byService} (rate(${seconds}_bucket{le="${slowAfter}"}[1m])) ${orZero}`,
  },
  {
    // 20 % more than the ready pods while it is slow and busy, else 0, which asks for nothing.
    record: derived.slowStepPods,
    expr: [
      `label_replace(ceil(1.2 * ${derived.readyPods})`,
      `* on (namespace, service) (${derived.slowRequestsPerSecond} > bool ${slowShare} * ${derived.serviceRequestsPerSecond})`,
      `* on (namespace, service) (${derived.serviceRequestsPerSecond} > bool ${busyFrom}),`,
      '"deployment", "$1", "service", "(.+)")',
    ].join(' '),
  },
];

/** A rule file as Prometheus and Amazon Managed Prometheus read it. */
export const ruleFile = { groups: [{ name: 'onsale-scaling', interval: '15s', rules }] };

const adapterRule = (
  name: string,
  label: string,
  resource: { readonly group?: string; readonly resource: string },
) => ({
  seriesQuery: `${name}{namespace!="",${label}!=""}`,
  resources: { overrides: { namespace: { resource: 'namespace' }, [label]: resource } },
  name: { matches: '^(.*)$', as: '$1' },
  metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)',
});

/**
 * Values of the chart prometheus-adapter. It serves custom.metrics.k8s.io alone: external metrics are KEDA's, resource
 * metrics the metrics server's.
 */
export const adapterValues = {
  rules: {
    default: false,
    custom: [
      adapterRule(derived.requestsPerSecond, 'pod', { resource: 'pod' }),
      adapterRule(derived.slowStepPods, 'deployment', { group: 'apps', resource: 'deployment' }),
    ],
  },
};
