import { createBatcher } from '@onsale/platform/batcher';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';
import { queryRows } from '../connect.ts';
import { loadSql } from '../load-sql.ts';
import type { OrderMetrics } from '../order-metrics.ts';
import { statusViewOf, type OrderStatusView, type OrderViewRow } from './order-view.ts';
import type { StatusCache } from './status-cache.ts';

export interface StatusReader {
  /** What is known behind a commit key: both null when nobody has used it. */
  read(idem: string): Promise<OrderStatusView>;
}

export interface StatusReaderDeps {
  readonly pool: Pool;
  readonly cache: StatusCache;
  readonly metrics: OrderMetrics;
}

const readStatus = loadSql('read-status');
const unknown: OrderStatusView = { order: null, payment: null };

/** Makes a {@link StatusReader}: from Redis once the order has ended, before that one query for all who ask at once. */
export function createStatusReader({ pool, cache, metrics }: StatusReaderDeps): StatusReader {
  const batcher = createBatcher<string, OrderStatusView>({
    maxItems: 100,
    lingerMs: 1,
    async flush(idems) {
      metrics.batchSize.observe({ batch: 'status' }, idems.length);
      const rows = await queryRows<OrderViewRow & { idem: string }>(pool, { ...readStatus, values: [idems] });
      const found = new Map(rows.map((row) => [row.idem, statusViewOf(row)]));
      return idems.map((idem) => ({ status: 'fulfilled', value: found.get(idem) ?? unknown }));
    },
  });
  return {
    async read(idem) {
      const cached = await cache.read(idem);
      if (cached) return cached;
      return await batcher.add(idem).catch((error: unknown) => {
        throw asUnavailable(error) ?? error;
      });
    },
  };
}
