import { randomUUID } from 'node:crypto';
import type { EventCatalogue } from '@onsale/contracts/sale/published-event';
import { createBatcher } from '@onsale/platform/batcher';
import type { Clock } from '@onsale/platform/clock';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';
import { bodyHash } from '../body-hash.ts';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import type { PaymentOpener } from '../payments/open-payments.ts';
import type { SeatHolds } from '../seat-holds.ts';
import { priceSeats } from './price-seats.ts';

export interface IntentRequest {
  readonly idempotencyKey: string;
  readonly userId: string;
  readonly eventId: string;
  readonly seatIds: readonly string[];
}

export interface Intent {
  readonly intentId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

export type IntentOutcome =
  | { readonly outcome: 'created' | 'replayed'; readonly intent: Intent }
  | { readonly outcome: 'key-reused' | 'unknown-event' | 'general-admission' | 'event-cancelled' }
  | { readonly outcome: 'no-such-seat'; readonly seatId: string };

export interface Intents {
  /** Prices the seats and writes the intent; it is durable when this resolves. The payment is opened after that. */
  create(request: IntentRequest): Promise<IntentOutcome>;
  drain(): Promise<void>;
}

export interface IntentsDeps {
  readonly pool: Pool;
  readonly catalogue: EventCatalogue;
  readonly seatHolds: Pick<SeatHolds, 'isHolder'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly opener: PaymentOpener;
  readonly metrics: OrderMetrics;
}

interface NewIntent {
  intent_id: string;
  idempotency_key: string;
  body_hash: string;
  user_id: string;
  event_id: string;
  sale_id: string;
  seat_ids: readonly string[];
  seat_prices_minor: readonly number[];
  amount_minor: number;
  currency: string;
}

type Stored = Pick<
  NewIntent,
  'intent_id' | 'idempotency_key' | 'body_hash' | 'user_id' | 'amount_minor' | 'currency'
>;

const insertIntents = loadSql('insert-intents');
const findIntentsByKey = loadSql('find-intents-by-key');

/** Opening at once takes the provider well under this; later the sweeper does it. */
const openedByThenMs = 10_000;

/** Makes {@link Intents}: one insert for all requests that arrive close together. */
export function createIntents(deps: IntentsDeps): Intents {
  const { pool, catalogue, seatHolds, clock, opener, metrics } = deps;
  const write = async (asked: readonly NewIntent[]): Promise<IntentOutcome[]> => {
    const created = await queryRows<{ intent_id: string }>(pool, {
      ...insertIntents,
      values: [JSON.stringify(asked), openedByThenMs],
    });
    const fresh = new Set(created.map((row) => row.intent_id));
    const repeated = asked.filter((intent) => !fresh.has(intent.intent_id));
    const byKey = await findByKey(repeated);
    return asked.map((intent) =>
      fresh.has(intent.intent_id)
        ? answer('created', intent)
        : replay(intent, byKey.get(intent.idempotency_key)!),
    );
  };

  const findByKey = async (repeated: readonly NewIntent[]) => {
    if (repeated.length === 0) return new Map<string, Stored>();
    const stored = await queryRows<Stored>(pool, {
      ...findIntentsByKey,
      values: [repeated.map((intent) => intent.idempotency_key)],
    });
    return new Map(stored.map((row) => [row.idempotency_key, row]));
  };

  /** For an event nothing is sold of any more: what was answered before is answered again. */
  const replayOnly = async (asked: NewIntent): Promise<IntentOutcome> => {
    const stored = (await findByKey([asked])).get(asked.idempotency_key);
    return stored ? replay(asked, stored) : { outcome: 'event-cancelled' };
  };

  const batcher = createBatcher<NewIntent, IntentOutcome>({
    maxItems: 100,
    lingerMs: 1,
    busyLingerMs: 8,
    async flush(asked) {
      metrics.batchSize.observe({ batch: 'intents' }, asked.length);
      return (await write(asked)).map((value) => ({ status: 'fulfilled', value }));
    },
  });

  return {
    async create({ idempotencyKey, userId, eventId, seatIds }) {
      const priced = await priceSeats(catalogue, seatHolds, { userId, eventId, seatIds }, clock.nowMs());
      if (priced.outcome !== 'priced') return priced;
      const asked: NewIntent = {
        intent_id: `pi_${randomUUID()}`,
        idempotency_key: idempotencyKey,
        body_hash: bodyHash(eventId, seatIds),
        user_id: userId,
        event_id: eventId,
        sale_id: priced.saleId,
        seat_ids: seatIds,
        seat_prices_minor: priced.seatPricesMinor,
        amount_minor: priced.amountMinor,
        currency: priced.published.event.currency,
      };
      const writing = priced.published.cancellation ? replayOnly(asked) : batcher.add(asked);
      const outcome = await writing.catch((error: unknown) => {
        throw asUnavailable(error) ?? error;
      });
      if (outcome.outcome === 'created') opener.openSoon({ ...outcome.intent, userId });
      return outcome;
    },
    drain: () => batcher.drain(),
  };
}

function answer(outcome: 'created' | 'replayed', stored: Stored): IntentOutcome {
  const { intent_id, amount_minor, currency } = stored;
  return { outcome, intent: { intentId: intent_id, amountMinor: amount_minor, currency } };
}

function replay(asked: Stored, stored: Stored): IntentOutcome {
  const same = asked.user_id === stored.user_id && asked.body_hash === stored.body_hash;
  return same ? answer('replayed', stored) : { outcome: 'key-reused' };
}
