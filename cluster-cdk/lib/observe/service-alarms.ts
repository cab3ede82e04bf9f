/** An alarm over what the services measure themselves, judged by the managed Prometheus. */
export interface ServiceAlarm {
  /** Heading in docs/runbook.md. */
  readonly name: string;
  /** What it looks at, of each `by` where there are several. */
  readonly query: string;
  readonly by?: string;
  /** Fires while the query is above this. */
  readonly above: number;
  readonly forMinutes: number;
  /** Metrics it reads; a test finds each declared in the services' or the operator's code, or in prom-client's defaults. */
  readonly metrics: readonly string[];
}

const slow = 'onsale_http_request_duration_seconds';

/** All of them. */
export const serviceAlarms: readonly ServiceAlarm[] = [
  {
    name: 'service-latency',
    query: `histogram_quantile(0.95, sum by (le, service) (rate(${slow}_bucket[1m])))`,
    by: 'service',
    above: 0.2,
    forMinutes: 5,
    metrics: [slow],
  },
  {
    name: 'pod-cpu',
    query: 'avg by (service) (rate(process_cpu_seconds_total[1m]))',
    by: 'service',
    above: 0.7,
    forMinutes: 5,
    metrics: ['process_cpu_seconds_total'],
  },
  {
    name: 'pod-memory',
    query: 'max by (service) (process_resident_memory_bytes)',
    by: 'service',
    above: 1.6e9,
    forMinutes: 5,
    metrics: ['process_resident_memory_bytes'],
  },
  {
    name: 'refunds-failing',
    query: 'sum(increase(onsale_refunds_total{result="failed"}[10m]))',
    above: 10,
    forMinutes: 10,
    metrics: ['onsale_refunds_total'],
  },
  {
    // A refused refund is tried every five minutes: it rings until it is settled.
    name: 'refunds-stuck',
    query: 'sum(increase(onsale_refunds_refused_total[15m]))',
    above: 0,
    forMinutes: 1,
    metrics: ['onsale_refunds_refused_total'],
  },
  {
    name: 'sale-unpublished',
    query: 'max by (sale) (onsale_operator_unpublished_at_room_opening)',
    by: 'sale',
    above: 0,
    forMinutes: 1,
    metrics: ['onsale_operator_unpublished_at_room_opening'],
  },
  {
    name: 'capacity-short',
    query: 'max by (target) (onsale_operator_shortfall_pods)',
    by: 'target',
    above: 0,
    forMinutes: 5,
    metrics: ['onsale_operator_shortfall_pods'],
  },
];

/** The rules file of the workspace. */
export function alarmRules(): object {
  return {
    groups: [
      {
        name: 'onsale',
        interval: '30s',
        rules: serviceAlarms.map(({ name, query, above, forMinutes }) => ({
          alert: name,
          expr: `${query} > ${above}`,
          for: `${forMinutes}m`,
          annotations: { runbook: `docs/runbook.md#${name}` },
        })),
      },
    ],
  };
}
