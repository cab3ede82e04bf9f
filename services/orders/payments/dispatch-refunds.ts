import { createBatcher } from '@onsale/platform/batcher';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import type { Projector } from '../project/projector.ts';
import { PaymentRefusedError } from './http-payment-provider.ts';
import type { PaymentProvider } from './payment-provider.ts';

/** Brings refunds from the outbox to the provider. */
export interface RefundDispatcher {
  /** Tries refunds that are due, at most `limit`; resolves with how many it tried. Failed ones come due again, for ever. */
  sweep(limit: number): Promise<number>;
}

export interface RefundDispatcherDeps {
  readonly pool: Pool;
  readonly provider: PaymentProvider;
  readonly projector: Projector;
  readonly metrics: OrderMetrics;
  readonly logger: Logger;
}

interface RefundRow {
  refund_id: string;
  payment_id: string;
  intent_id: string;
  amount_minor: number;
  attempts: number;
}

/** A provider may not know a payment yet that it has just reported; one that refuses for the third time means it. */
const refusalsUntilStuck = 3;

const claimRefunds = loadSql('claim-refunds');
const finishRefunds = loadSql('finish-refunds');

/**
 * Makes a {@link RefundDispatcher}. A dispatcher that dies between the provider and PostgreSQL repeats the call, and the
 * provider knows the refund by its id: money goes back once.
 */
export function createRefundDispatcher(deps: RefundDispatcherDeps): RefundDispatcher {
  const { pool, provider, projector, metrics, logger } = deps;

  const finished = createBatcher<string, void>({
    maxItems: 50,
    lingerMs: 5,
    async flush(refundIds) {
      const rows = await queryRows<{ order_id: string }>(pool, { ...finishRefunds, values: [refundIds] });
      projector.projectSoon(rows.map((row) => row.order_id));
      return refundIds.map(() => ({ status: 'fulfilled', value: undefined }));
    },
  });

  const dispatch = async (refund: RefundRow) => {
    const { refund_id: refundId, payment_id: paymentId, amount_minor: amountMinor } = refund;
    try {
      await provider.refund({ refundId, paymentId, amountMinor });
      await finished.add(refundId);
      metrics.refunds.inc({ result: 'done' });
    } catch (err) {
      metrics.refunds.inc({ result: 'failed' });
      const { intent_id: intentId, attempts } = refund;
      const known = { refundId, paymentId, intentId, attempts, err };
      if (err instanceof PaymentRefusedError && attempts >= refusalsUntilStuck) {
        metrics.refusedRefunds.inc();
        logger.error(
          { event: 'refund_stuck', ...known },
          'The provider refuses a refund: somebody has to ask why',
        );
      } else logger.warn({ event: 'refund_failed', ...known }, 'A refund has to be repeated');
    }
  };

  return {
    async sweep(limit) {
      const rows = await queryRows<RefundRow>(pool, { ...claimRefunds, values: [limit] });
      metrics.swept.inc({ kind: 'refunds' }, rows.length);
      await Promise.all(rows.map(dispatch));
      return rows.length;
    },
  };
}
