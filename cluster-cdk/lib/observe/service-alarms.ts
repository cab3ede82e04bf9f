/** An alarm over what the services measure themselves, judged by the managed Prometheus. */
export interface ServiceAlarm {
  /** Heading in docs/runbook.md. */
  readonly name: string;
  /** Fires while this has results. */
  readonly expression: string;
  readonly forMinutes: number;
  /** Metrics it reads; a test finds each declared in the services' or the operator's code, or in prom-client's defaults. */
  readonly metrics: readonly string[];
}

const slow = 'onsale_http_request_duration_seconds';

/** All of them. */
export const serviceAlarms: readonly ServiceAlarm[] = [
  {
    name: 'service-latency',
    expression: `histogram_quantile(0.95, sum by (le, service) (rate(${slow}_bucket[1m]))) > 0.2`,
    forMinutes: 5,
    metrics: [slow],
  },
  {
    name: 'pod-cpu',
    expression: 'avg by (service) (rate(process_cpu_seconds_total[1m])) > 0.7',
    forMinutes: 5,
    metrics: ['process_cpu_seconds_total'],
  },
  {
    name: 'pod-memory',
    expression: 'max by (service) (process_resident_memory_bytes) > 1.6e9',
    forMinutes: 5,
    metrics: ['process_resident_memory_bytes'],
  },
  {
    name: 'refunds-failing',
    expression: 'sum(increase(onsale_refunds_total{result="failed"}[10m])) > 10',
    forMinutes: 10,
    metrics: ['onsale_refunds_total'],
  },
  {
    name: 'sale-unpublished',
    expression: 'max by (sale) (onsale_operator_unpublished_at_room_opening) == 1',
    forMinutes: 1,
    metrics: ['onsale_operator_unpublished_at_room_opening'],
  },
  {
    name: 'capacity-short',
    expression: 'max by (target) (onsale_operator_shortfall_pods) > 0',
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
        rules: serviceAlarms.map(({ name, expression, forMinutes }) => ({
          alert: name,
          expr: expression,
          for: `${forMinutes}m`,
          annotations: { runbook: `docs/runbook.md#${name}` },
        })),
      },
    ],
  };
}
