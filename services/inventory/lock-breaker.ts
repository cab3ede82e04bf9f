import type { SaleId } from '@onsale/contracts/sale/sale-id';
import { ApiError } from '@onsale/platform/http/api-error';
import type { Logger } from 'pino';
import type { InventoryMetrics } from './inventory-metrics.ts';
import { rebuildingError } from './sale-sections.ts';

/** Where it is kept until when sales went on without lock items: beside Redis and DynamoDB, and outliving both. */
export interface BreakerStore {
  /** Lets a sale go on until then, epoch milliseconds; false: it has been rebuilt in a later epoch. */
  extend(saleId: SaleId, epoch: number, untilMs: number): Promise<boolean>;
  /** From here nothing is extended in an older epoch. Resolves with the latest instant anything was extended to. */
  supersede(saleId: SaleId, epoch: number): Promise<number | undefined>;
}

/** Lets sales go on without lock items while DynamoDB is away, where that was chosen. */
export interface LockBreaker {
  /** Writes, or skips the write while open. Rejects with the write's error while closed. `epoch`: as the seats were taken. */
  guard(
    saleId: SaleId,
    epoch: number | undefined,
    write: () => Promise<void>,
  ): Promise<'written' | 'skipped'>;
}

export interface LockBreakerOptions {
  /** False: every hold waits for its lock item, and fails with it. */
  readonly enabled: boolean;
  readonly nowMs: () => number;
  readonly store: Pick<BreakerStore, 'extend'>;
  readonly metrics: InventoryMetrics;
  readonly logger: Logger;
  /** Writes failing in a row before it opens; fewer where writes are rare and none has worked for `openAfterMs`. */
  readonly failuresToOpen?: number;
  readonly openAfterMs?: number;
  /** While open, one write in this long is tried. */
  readonly retryAfterMs?: number;
}

/**
 * How far ahead a process may go on by what it recorded. It is recorded before, not after: a process that died, or that a
 * rebuild cannot reach, gives out nothing beyond it.
 */
export const breakerLeaseMs = 10_000;

interface Lease {
  readonly epoch: number;
  untilMs: number;
  extending: Promise<void> | undefined;
}

/** Makes a {@link LockBreaker}. */
export function createLockBreaker(options: LockBreakerOptions): LockBreaker {
  const { enabled, nowMs, store, metrics, logger } = options;
  const { failuresToOpen = 20, openAfterMs = 3000, retryAfterMs = 2000 } = options;
  let failures = 0;
  let failingSince = 0;
  let isOpen = false;
  let tryAgainAt = 0;
  const open = new Map<SaleId, Lease>();

  const extend = (saleId: SaleId, lease: Lease): Promise<void> => {
    lease.extending ??= (async () => {
      const untilMs = nowMs() + breakerLeaseMs;
      try {
        if (!(await store.extend(saleId, lease.epoch, untilMs))) throw rebuildingError();
        lease.untilMs = untilMs;
      } finally {
        lease.extending = undefined;
      }
    })();
    return lease.extending;
  };

  const skip = async (saleId: SaleId, epoch: number | undefined) => {
    if (epoch === undefined) throw new ApiError('unavailable', 'The sale could not be looked up; try again');
    let lease = open.get(saleId);
    if (lease?.epoch !== epoch) {
      lease = { epoch, untilMs: 0, extending: undefined };
      open.set(saleId, lease);
      logger.error({ event: 'lock_breaker_opened', saleId }, 'The sale goes on without lock items');
    }
    const leftMs = lease.untilMs - nowMs();
    if (leftMs <= 0) await extend(saleId, lease);
    // Ahead of time, so that no hold waits; what fails is tried again by the next.
    else if (leftMs < breakerLeaseMs / 2) extend(saleId, lease).catch(() => undefined);
    metrics.lockWrites.inc({ result: 'skipped' });
    return 'skipped' as const;
  };

  const close = () => {
    // Asked after every write: clear() makes a new table also of an empty one.
    if (open.size === 0) return;
    for (const saleId of open.keys()) {
      logger.warn({ event: 'lock_breaker_closed', saleId }, 'Lock items are written again');
    }
    open.clear();
  };

  return {
    async guard(saleId, epoch, write) {
      if (isOpen) {
        if (performance.now() < tryAgainAt) return skip(saleId, epoch);
        tryAgainAt = performance.now() + retryAfterMs;
      }
      try {
        await write();
      } catch (error) {
        const now = performance.now();
        if (++failures === 1) failingSince = now;
        isOpen ||=
          enabled && (failures >= failuresToOpen || (failures > 1 && now - failingSince >= openAfterMs));
        if (!isOpen) throw error;
        tryAgainAt = performance.now() + retryAfterMs;
        return skip(saleId, epoch);
      }
      failures = 0;
      isOpen = false;
      close();
      return 'written';
    },
  };
}
