import type { Pool } from 'pg';

/** Rows of lock_breaker_epochs: until when a sale was let go on without lock items, and in which epoch. */
export interface BreakerEpochs {
  /** False: a later epoch is known. */
  extend(saleId: string, epoch: number, untilMs: number): Promise<boolean>;
  /** Resolves with the latest instant the sale was let go on until. */
  supersede(saleId: string, epoch: number): Promise<number | undefined>;
}

/** Makes {@link BreakerEpochs}: what the inventory's breaker keeps where neither Redis nor DynamoDB can lose it. */
export function createBreakerEpochs(pool: Pool): BreakerEpochs {
  return {
    async extend(saleId, epoch, untilMs) {
      const { rowCount } = await pool.query(
        `insert into lock_breaker_epochs as known (sale_id, epoch, until_ms) values ($1, $2, $3)
         on conflict (sale_id) do update
         set epoch = excluded.epoch, until_ms = greatest(known.until_ms, excluded.until_ms)
         where known.epoch <= excluded.epoch`,
        [saleId, epoch, Math.ceil(untilMs)],
      );
      return rowCount === 1;
    },
    async supersede(saleId, epoch) {
      const { rows } = await pool.query<{ until_ms: string }>(
        // Before the first epoch there is none to supersede: a sale that never went on leaves no row.
        epoch > 1
          ? `insert into lock_breaker_epochs as known (sale_id, epoch, until_ms) values ($1, $2, 0)
             on conflict (sale_id) do update set epoch = greatest(known.epoch, excluded.epoch)
             returning until_ms`
          : `update lock_breaker_epochs set epoch = greatest(epoch, $2) where sale_id = $1 returning until_ms`,
        [saleId, epoch],
      );
      return Number(rows[0]?.until_ms ?? 0) || undefined;
    },
  };
}
