import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { Logger } from 'pino';
import type { InventoryMetrics } from './inventory-metrics.ts';

/** A span in which a sale gave out holds without lock items. Open-ended while it goes on, or when its process died in it. */
export interface BreakerInterval {
  readonly saleId: SaleId;
  /** Names the process and span; the same interval is recorded at its beginning and again at its end. */
  readonly intervalId: string;
  readonly fromMs: number;
  readonly untilMs: number | undefined;
}

/** Lets sales go on without lock items while DynamoDB is away, where that was chosen. */
export interface LockBreaker {
  /** Writes, or skips the write while open. Rejects with the write's error while closed. */
  guard(saleId: SaleId, write: () => Promise<void>): Promise<'written' | 'skipped'>;
}

export interface LockBreakerOptions {
  /** False: every hold waits for its lock item, and fails with it. */
  readonly enabled: boolean;
  readonly nowMs: () => number;
  readonly createIntervalId: () => string;
  /** Records an interval durably. No hold is given out without lock item before its interval is recorded. */
  readonly record: (interval: BreakerInterval) => Promise<void>;
  readonly metrics: InventoryMetrics;
  readonly logger: Logger;
  /** Writes failing in a row before it opens. */
  readonly failuresToOpen?: number;
  /** While open, one write in this long is tried. */
  readonly retryAfterMs?: number;
}

/** Makes a {@link LockBreaker}. */
export function createLockBreaker(options: LockBreakerOptions): LockBreaker {
  const { enabled, nowMs, record, metrics, logger, failuresToOpen = 20, retryAfterMs = 2000 } = options;
  let failures = 0;
  let tryAgainAt = 0;
  const open = new Map<SaleId, { interval: BreakerInterval; recorded: Promise<void> }>();

  const skip = async (saleId: SaleId) => {
    let entry = open.get(saleId);
    if (!entry) {
      const interval = {
        saleId,
        intervalId: options.createIntervalId(),
        fromMs: nowMs(),
        untilMs: undefined,
      };
      entry = { interval, recorded: record(interval) };
      open.set(saleId, entry);
      logger.error({ event: 'lock_breaker_opened', saleId }, 'The sale goes on without lock items');
      // What could not be recorded is tried anew by the next hold.
      entry.recorded.catch(() => open.delete(saleId));
    }
    await entry.recorded;
    metrics.lockWrites.inc({ result: 'skipped' });
    return 'skipped' as const;
  };

  const close = () => {
    for (const [saleId, { interval }] of open) {
      open.delete(saleId);
      logger.warn({ event: 'lock_breaker_closed', saleId }, 'Lock items are written again');
      // Left open-ended it blocks more seats than need be, never fewer.
      record({ ...interval, untilMs: nowMs() }).catch((err: unknown) => {
        logger.warn({ event: 'lock_breaker_end_unrecorded', saleId, err }, 'The end was not recorded');
      });
    }
  };

  return {
    async guard(saleId, write) {
      if (enabled && failures >= failuresToOpen) {
        if (performance.now() < tryAgainAt) return skip(saleId);
        tryAgainAt = performance.now() + retryAfterMs;
      }
      try {
        await write();
      } catch (error) {
        failures++;
        if (!enabled || failures < failuresToOpen) throw error;
        tryAgainAt = performance.now() + retryAfterMs;
        return skip(saleId);
      }
      failures = 0;
      close();
      return 'written';
    },
  };
}
