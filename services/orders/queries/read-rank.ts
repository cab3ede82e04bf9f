import type { OrderRank } from '@onsale/contracts/http/confirm-routes';
import { botUserIdPrefix } from '@onsale/contracts/sale/bot-user-id';
import type { EventCatalogue } from '@onsale/contracts/sale/published-event';
import { parseSaleId } from '@onsale/contracts/sale/sale-id';
import { saleOfRound } from '@onsale/contracts/sale/sale-window';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';
import type { Type } from 'typebox';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';

export type RankOutcome =
  | { readonly outcome: 'ranked'; readonly rank: Type.Static<typeof OrderRank> }
  | { readonly outcome: 'unknown-order' }
  | { readonly outcome: 'not-owner' }
  /** Its sale is no practice round, or it has no tickets. */
  | { readonly outcome: 'not-ranked' };

export interface RankDeps {
  readonly pool: Pool;
  readonly catalogue: Pick<EventCatalogue, 'find'>;
}

interface Row {
  user_id: string;
  event_id: string;
  sale_id: string | null;
  issued_at_ms: number | null;
  chosen_at_ms: number | null;
  /** Null once the payment was given back. */
  paid_at_ms: number | null;
  others: number;
  other_bots: number;
  faster: number;
  faster_bots: number;
}

const readRows = loadSql('read-rank');

/**
 * How fast an order was among those of its practice round, by when tickets were issued. Ordinary sales have no rank: they
 * are no race, and counting all their tickets for every buyer would be a load of its own.
 */
export async function readRank(
  { pool, catalogue }: RankDeps,
  { orderId, userId }: { readonly orderId: string; readonly userId: string },
): Promise<RankOutcome> {
  let row: Row | undefined;
  try {
    [row] = await queryRows<Row>(pool, { ...readRows, values: [orderId, botUserIdPrefix] });
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
  if (!row) return { outcome: 'unknown-order' };
  if (row.user_id !== userId) return { outcome: 'not-owner' };
  const sale = row.sale_id === null ? undefined : parseSaleId(row.sale_id);
  const event = (await catalogue.find(row.event_id))?.event;
  if (!sale || row.issued_at_ms === null || event?.sale.kind !== 'windows') return { outcome: 'not-ranked' };
  const { opensAtMs } = saleOfRound(event, sale.round);
  const sinceOpening = (atMs: number) => Math.max(0, Math.round(atMs - opensAtMs));
  const { others, other_bots: otherBots, faster, faster_bots: fasterBots } = row;
  return {
    outcome: 'ranked',
    rank: {
      orderId,
      saleId: `${sale.eventId}.${sale.round}`,
      takenMs: sinceOpening(row.issued_at_ms),
      chosenMs: sinceOpening(row.chosen_at_ms ?? row.issued_at_ms),
      paidMs: sinceOpening(row.paid_at_ms ?? row.issued_at_ms),
      others,
      otherBots,
      faster,
      fasterBots,
      percentile: others === 0 ? 100 : Math.floor((100 * (others - faster)) / others),
    },
  };
}
