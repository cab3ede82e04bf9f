import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Orders } from '@onsale/orders/create-orders';
import { startSweepLoop, type SweepLoop } from '@onsale/orders/sweep/sweep-loop';
import type { Logger } from 'pino';
import { createCommitConsumer } from './commit-consumer.ts';

export interface ConfirmWorkerSettings {
  readonly queueUrl: string;
  readonly dlqUrl?: string | undefined;
  /** Batches worked on at once. */
  readonly concurrency: number;
  readonly visibilityTimeoutSeconds: number;
  readonly waitTimeSeconds?: number;
  /** How often each kind of unfinished work is looked for. */
  readonly resendEveryMs: number;
  readonly refundEveryMs: number;
  readonly paymentSweepEveryMs: number;
  /** Default: as often as refunds. */
  readonly projectEveryMs?: number;
}

export interface ConfirmWorkerDeps {
  readonly orders: Pick<
    Orders,
    'processor' | 'isReady' | 'sweeper' | 'sweepCancelledEvents' | 'opener' | 'refunds' | 'drain'
  >;
  readonly sqs: SQSClient;
  readonly settings: ConfirmWorkerSettings;
  readonly logger: Logger;
}

export interface ConfirmWorker {
  start(): void;
  /** Receives no more, finishes what is under way, stops sweeping, and resolves when nothing is in flight. */
  stop(): Promise<void>;
}

/** Most a sweep takes up in one pass. */
const sweepLimit = 100;
const defaultWaitTimeSeconds = 5;

/** The worker: consumers of the commit queue, and sweepers for whatever was left unfinished anywhere. */
export function createConfirmWorker({ orders, sqs, settings, logger }: ConfirmWorkerDeps): ConfirmWorker {
  const consumers = Array.from({ length: settings.concurrency }, () =>
    createCommitConsumer({
      sqs,
      logger,
      processor: orders.processor,
      isReady: orders.isReady,
      queueUrl: settings.queueUrl,
      dlqUrl: settings.dlqUrl,
      visibilityTimeoutSeconds: settings.visibilityTimeoutSeconds,
      waitTimeSeconds: settings.waitTimeSeconds ?? defaultWaitTimeSeconds,
    }),
  );
  const { sweeper, opener, refunds } = orders;
  const { resendEveryMs, refundEveryMs, paymentSweepEveryMs, projectEveryMs = refundEveryMs } = settings;
  const sweeps: [name: string, everyMs: number, sweep: (limit: number) => Promise<number>][] = [
    ['payments-to-open', resendEveryMs, opener.sweep],
    ['unsent', resendEveryMs, sweeper.unsent],
    ['waiting', refundEveryMs, sweeper.waiting],
    ['unpaid', paymentSweepEveryMs, sweeper.unpaid],
    ['unprojected', projectEveryMs, sweeper.unprojected],
    ['refunds', refundEveryMs, refunds.sweep],
    ['cancelled-events', refundEveryMs, orders.sweepCancelledEvents],
  ];
  let loops: SweepLoop[] = [];
  return {
    start() {
      for (const consumer of consumers) consumer.start();
      loops = sweeps.map(([name, everyMs, sweep]) =>
        startSweepLoop({ name, everyMs, limit: sweepLimit, sweep, logger }),
      );
    },
    async stop() {
      await Promise.all([...consumers, ...loops].map((part) => part.stop()));
      await orders.drain();
    },
  };
}
