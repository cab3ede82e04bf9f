import { Counter, Histogram, type Registry } from 'prom-client';

/** What the orders' modules count; declared once per process. */
export interface OrderMetrics {
  readonly orders: Counter<'outcome'>;
  readonly secondsToTerminal: Histogram;
  readonly refunds: Counter<'result'>;
  readonly refusedRefunds: Counter;
  readonly captures: Counter<'result'>;
  readonly queueSends: Counter<'result'>;
  readonly batchSize: Histogram<'batch'>;
  readonly swept: Counter<'kind'>;
  readonly failures: Counter<'step'>;
}

export function createOrderMetrics(registry: Registry): OrderMetrics {
  const registers = [registry];
  return {
    orders: new Counter({
      name: 'onsale_orders_total',
      help: 'Orders that ended: confirmed, cancelled, or the reason of the rejection',
      labelNames: ['outcome'],
      registers,
    }),
    secondsToTerminal: new Histogram({
      name: 'onsale_order_seconds',
      help: 'From the accepted commit to confirmed or rejected',
      buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
      registers,
    }),
    refunds: new Counter({
      name: 'onsale_refunds_total',
      help: 'Refunds: due (a capture or a cancellation asked for one), done, failed (an attempt; it is repeated)',
      labelNames: ['result'],
      registers,
    }),
    refusedRefunds: new Counter({
      name: 'onsale_refunds_refused_total',
      help: 'Attempts at refunds that the provider refuses again and again; grows until somebody has settled them',
      registers,
    }),
    captures: new Counter({
      name: 'onsale_captures_total',
      help: 'Captures the provider reported: pays (for its order), returned (to be refunded), repeated',
      labelNames: ['result'],
      registers,
    }),
    queueSends: new Counter({
      name: 'onsale_queue_sends_total',
      help: 'Commit messages: sent, failed (the sweeper repeats it)',
      labelNames: ['result'],
      registers,
    }),
    batchSize: new Histogram({
      name: 'onsale_order_batch_size',
      help: 'Items written by one group commit: intents, payment-events, commits, sends, marks, messages, projections, status',
      labelNames: ['batch'],
      buckets: [1, 2, 5, 10, 20, 50, 100],
      registers,
    }),
    swept: new Counter({
      name: 'onsale_order_sweeps_total',
      help: 'What sweepers took up: payments to open, waiting, unsent, unpaid, unsettled orders, refunds, cancelled-events',
      labelNames: ['kind'],
      registers,
    }),
    failures: new Counter({
      name: 'onsale_order_step_failures_total',
      help: 'Steps after the durable one that failed and are left to a sweeper: open, start, send, mark, project',
      labelNames: ['step'],
      registers,
    }),
  };
}
