import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';
import { orderViewOf, type OrderView, type OrderViewRow } from './order-view.ts';

const listRows = loadSql('list-orders');

/** A buyer's orders, newest first. */
export async function listOrders(pool: Pool, userId: string, limit: number): Promise<OrderView[]> {
  try {
    const rows = await queryRows<OrderViewRow>(pool, { ...listRows, values: [userId, limit] });
    return rows.map(orderViewOf);
  } catch (error) {
    throw asUnavailable(error) ?? error;
  }
}
