import type { PaymentIntent } from '@onsale/contracts/http/confirm-routes';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';
import type { Type } from 'typebox';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';
import type { PaymentView } from './order-view.ts';

/** The contract's intent. */
export type IntentView = Type.Static<typeof PaymentIntent>;

interface Row {
  intent_id: string;
  event_id: string;
  seat_ids: string[];
  amount_minor: number;
  currency: string;
  payment: PaymentView;
}

const readRows = loadSql('read-intent');

/** An intent and how its payment stands; undefined when nobody made it. */
export async function readIntent(pool: Pool, intentId: string): Promise<IntentView | undefined> {
  try {
    const [row] = await queryRows<Row>(pool, { ...readRows, values: [intentId] });
    return (
      row && {
        intentId: row.intent_id,
        eventId: row.event_id,
        seatIds: row.seat_ids,
        amount: row.amount_minor,
        currency: row.currency,
        payment: row.payment,
      }
    );
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
}
