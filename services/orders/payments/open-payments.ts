import { createBatcher } from '@onsale/platform/batcher';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { queryRows } from '../connect.ts';
import type { Intent } from '../intents/create-intents.ts';
import { loadSql } from '../load-sql.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import type { PaymentProvider } from './payment-provider.ts';

/** An intent and the buyer who is to pay it. */
export interface OwnedIntent extends Intent {
  readonly userId: string;
}

/** Tells the provider of new intents, so that buyers can pay them. */
export interface PaymentOpener {
  /** Starts opening a payment and returns; what fails, or is too much at once, is left to {@link sweep}. */
  openSoon(payment: OwnedIntent): void;
  /** Opens payments that are overdue, at most `limit`; resolves with how many it tried. */
  sweep(limit: number): Promise<number>;
  drain(): Promise<void>;
}

export interface PaymentOpenerDeps {
  readonly pool: Pool;
  readonly provider: PaymentProvider;
  readonly metrics: OrderMetrics;
  readonly logger: Logger;
}

interface DuePayment {
  intent_id: string;
  amount_minor: number;
  currency: string;
  user_id: string;
}

const claimPaymentsToOpen = loadSql('claim-payments-to-open');
/** Calls to the provider under way at once; the provider's slowness must not pile up here. */
const maxInFlight = 200;
const giveUpAfterHours = 1;

/** Makes a {@link PaymentOpener}. The outbox row goes when the provider has taken the payment; opening twice is harmless. */
export function createPaymentOpener({ pool, provider, metrics, logger }: PaymentOpenerDeps): PaymentOpener {
  const inFlight = new Set<Promise<void>>();

  const opened = createBatcher<string, void>({
    maxItems: 100,
    lingerMs: 5,
    async flush(intentIds) {
      await queryRows(pool, {
        text: 'delete from payments_to_open where intent_id = any ($1::text[])',
        values: [intentIds],
      });
      return intentIds.map(() => ({ status: 'fulfilled', value: undefined }));
    },
  });

  const open = async (intent: OwnedIntent) => {
    try {
      await provider.openPayment(intent);
      await opened.add(intent.intentId);
    } catch (err) {
      metrics.failures.inc({ step: 'open' });
      logger.warn({ event: 'payment_not_opened', intentId: intent.intentId, err }, 'Payment not opened yet');
    }
  };

  const track = (intent: OwnedIntent) => {
    const opening = open(intent).finally(() => inFlight.delete(opening));
    inFlight.add(opening);
    return opening;
  };

  return {
    openSoon(intent) {
      if (inFlight.size < maxInFlight) void track(intent);
    },
    async sweep(limit) {
      const rows = await queryRows<DuePayment>(pool, {
        ...claimPaymentsToOpen,
        values: [limit, giveUpAfterHours],
      });
      metrics.swept.inc({ kind: 'payments-to-open' }, rows.length);
      await Promise.all(
        rows.map((row) =>
          track({
            intentId: row.intent_id,
            amountMinor: row.amount_minor,
            currency: row.currency,
            userId: row.user_id,
          }),
        ),
      );
      return rows.length;
    },
    async drain() {
      await Promise.all(inFlight);
      await opened.drain();
    },
  };
}
