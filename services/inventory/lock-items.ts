import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { HoldChange } from './hold-change.ts';
import type { LockBreaker } from './lock-breaker.ts';
import { closedKeptMs, committingKeptMs, lockKey, type LockItem } from './lock-item.ts';
import type { LockWriter } from './lock-writer.ts';
import type { SaleSection } from './sale-sections.ts';

/** Keeps DynamoDB's copies of holds in step with what the section scripts told. */
export interface LockItems {
  /** Records a hold as it is now; `skipped` while the breaker lets the sale go on without. */
  held(target: SaleSection, change: HoldChange): Promise<'written' | 'skipped'>;
  /** Records that a hold is committing, with what goes on the commit queue. */
  committing(target: SaleSection, change: HoldChange, message: CommitMessage): Promise<'written' | 'skipped'>;
  /** Records how a commit ended and removes what was recorded before. */
  closed(target: SaleSection, change: HoldChange, state: 'sold' | 'released'): Promise<void>;
  /** Removes the item of a hold that lapsed or was released. */
  forget(target: SaleSection, change: HoldChange): Promise<void>;
}

/** Makes {@link LockItems}. */
export function createLockItems(writer: LockWriter, breaker: LockBreaker): LockItems {
  const put = (target: SaleSection, change: HoldChange, item: Pick<LockItem, 'state'> & Partial<LockItem>) =>
    writer.write({
      key: lockKey(target.saleId, target.section, change.holdId, item.state),
      item: {
        holdId: change.holdId,
        owner: change.owner,
        fence: change.fence,
        seatIds: change.seatIndexes.map((seatIndex) =>
          target.published.seatMap.seatId({ sectionIndex: target.sectionIndex, seatIndex }),
        ),
        expiresAtMs: change.expiresAtMs,
        ...item,
      },
    });
  const remove = (target: SaleSection, holdId: string, state: LockItem['state']) =>
    writer.write({ key: lockKey(target.saleId, target.section, holdId, state), item: undefined });

  return {
    held: (target, change) => breaker.guard(target.saleId, () => put(target, change, { state: 'held' })),
    committing: (target, change, message) =>
      breaker.guard(target.saleId, () =>
        put(target, change, { state: 'committing', message, expiresAtMs: Date.now() + committingKeptMs }),
      ),
    async closed(target, change, state) {
      await put(target, change, { state, expiresAtMs: Date.now() + closedKeptMs });
      // Removed only so that a rebuild has less to read.
      await Promise.all([remove(target, change.holdId, 'committing'), remove(target, change.holdId, 'held')]);
    },
    forget: (target, change) => remove(target, change.holdId, 'held'),
  };
}
