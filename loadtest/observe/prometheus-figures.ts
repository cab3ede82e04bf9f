import { derived, measured } from '@onsale/cdk8s/scaling/metric-names';
import { serviceAlarms } from '@onsale/cluster-cdk/lib/observe/service-alarms';
import type { Alarm } from '../report/run-record.ts';

/** A figure that Prometheus is asked for. */
export interface PrometheusFigure {
  readonly figure: string;
  readonly query: string;
  /** The label that tells its series apart. */
  readonly by?: string;
  readonly alarm?: Alarm;
}

const answers = `${measured.requestSeconds}_count`;
const cacheReads = 'onsale_cache_requests_total';

/** p95 of each service, seconds, as its alarm has it: breach and recovery are read from it where no raw output was kept. */
export const latencyFigure = 'service-latency';
/** Share of answers of 500 and more. */
export const serverErrorFigure = 'server-errors';
/** Ready pods of each service. */
export const podsFigure = 'ready-pods';

/** What the alarms over the services look at, and what a report wants besides. */
export const prometheusFigures: readonly PrometheusFigure[] = [
  ...serviceAlarms
    .filter(({ name }) => name !== 'sale-unpublished')
    .map(({ name, query, above, by }) => ({
      figure: name,
      query,
      ...(by === undefined ? {} : { by }),
      alarm: { comparison: 'above' as const, threshold: above },
    })),
  { figure: podsFigure, query: `sum by (service) (${derived.readyPods})`, by: 'service' },
  {
    figure: 'requests-per-second',
    query: `sum by (service) (${derived.serviceRequestsPerSecond})`,
    by: 'service',
  },
  {
    figure: serverErrorFigure,
    query: `(sum(rate(${answers}{status=~"5.."}[1m])) or vector(0)) / (sum(rate(${answers}[1m])) > 0)`,
  },
  {
    figure: 'cache-hits',
    query: `sum by (cache) (rate(${cacheReads}{result=~"hit|shared"}[1m])) / (sum by (cache) (rate(${cacheReads}[1m])) > 0)`,
    by: 'cache',
  },
  {
    figure: 'commit-to-end-p95',
    query: 'histogram_quantile(0.95, sum by (le) (rate(onsale_order_seconds_bucket[1m])))',
  },
  { figure: 'queue-backlog-seconds', query: 'max(onsale_admission_backlog_seconds)' },
];
