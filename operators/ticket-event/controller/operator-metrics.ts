import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The operator's own metrics. */
export function createOperatorMetrics(registry: Registry) {
  const registers = [registry];
  return {
    reconcileSeconds: new Histogram({
      name: 'onsale_operator_reconcile_seconds',
      help: 'Time one reconcile took, by kind of key and outcome',
      labelNames: ['kind', 'outcome'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    queueDepth: new Gauge({ name: 'onsale_operator_queue_depth', help: 'Keys waiting', registers }),
    leader: new Gauge({ name: 'onsale_operator_leader', help: '1 while this replica leads', registers }),
    leadSeconds: new Gauge({
      name: 'onsale_operator_lead_seconds',
      help: 'Computed lead of the pods',
      labelNames: ['sale'] as const,
      registers,
    }),
    shortfallPods: new Gauge({
      name: 'onsale_operator_shortfall_pods',
      help: 'Pods needed over a ceiling or the live maximum',
      labelNames: ['target'] as const,
      registers,
    }),
    floorPods: new Gauge({
      name: 'onsale_operator_floor_pods',
      help: 'Floor that is applied',
      labelNames: ['target'] as const,
      registers,
    }),
    readyBeforeSeconds: new Gauge({
      name: 'onsale_operator_ready_before_opening_seconds',
      help: 'How long before the opening capacity was confirmed; negative when after',
      labelNames: ['sale'] as const,
      registers,
    }),
    unpublished: new Gauge({
      name: 'onsale_operator_unpublished_at_room_opening',
      help: '1 while the room should be open and the services do not know the sale',
      labelNames: ['sale'] as const,
      registers,
    }),
    writes: new Counter({
      name: 'onsale_operator_floor_writes_total',
      help: 'Floors written',
      labelNames: ['kind'] as const,
      registers,
    }),
    replacedPods: new Counter({
      name: 'onsale_operator_replaced_pods_total',
      help: 'Pods deleted because they did not start',
      registers,
    }),
  };
}

export type OperatorMetrics = ReturnType<typeof createOperatorMetrics>;
