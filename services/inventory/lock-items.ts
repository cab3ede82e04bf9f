import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { HoldChange } from './hold-change.ts';
import { createHoldId } from './hold-id.ts';
import type { LockBreaker } from './lock-breaker.ts';
import { closedKeptMs, committingKeptMs, lockKey, type LockItem } from './lock-item.ts';
import type { LockWriter } from './lock-writer.ts';
import type { SaleSection } from './sale-sections.ts';

/**
 * Tells DynamoDB what the section scripts told of holds. No write depends on another one: each may fail, or land at any time
 * after it was given up, also after a rebuild has read. Therefore an item that claims seats is written once and never
 * changed; seats leave it by an item with a higher fence, and it is removed only where it speaks for no seat of another hold.
 */
export interface LockItems {
  /** Records a new hold; `skipped` while the breaker lets the sale go on without. `epoch`: as its seats were taken. */
  held(target: SaleSection, change: HoldChange, epoch: number | undefined): Promise<'written' | 'skipped'>;
  /** Records that a hold is committing, with what goes on the commit queue. */
  committing(
    target: SaleSection,
    change: HoldChange,
    epoch: number | undefined,
    message: CommitMessage,
  ): Promise<'written' | 'skipped'>;
  /** Records how a commit ended and removes what was recorded before. */
  closed(target: SaleSection, change: HoldChange, state: 'sold' | 'released'): Promise<void>;
  /** Records that a hold, whole or in part, was given back; these are the seats it gave. */
  released(target: SaleSection, change: HoldChange, seatIndexes: readonly number[]): Promise<void>;
  /** Records that a hold nobody was told of is no more; a removal could be overtaken by the write it is to undo. */
  withdrawn(target: SaleSection, change: HoldChange): Promise<void>;
  /** Removes the item of a hold that lapsed: it means nothing any more. */
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

  const released = async (target: SaleSection, change: HoldChange, seatIndexes: readonly number[]) => {
    // A name of its own: the next seats the hold gives back must not overwrite this.
    const holdId = createHoldId(target.sectionIndex);
    const expiresAtMs = Date.now() + closedKeptMs;
    await put(target, { ...change, holdId, seatIndexes }, { state: 'released', expiresAtMs });
  };

  return {
    held: (target, change, epoch) =>
      breaker.guard(target.saleId, epoch, () => put(target, change, { state: 'held' })),
    committing: (target, change, epoch, message) =>
      breaker.guard(target.saleId, epoch, () =>
        put(target, change, {
          state: 'committing',
          message,
          expiresAtMs: Date.now() + committingKeptMs,
          lapsesAtMs: change.expiresAtMs,
        }),
      ),
    async closed(target, change, state) {
      await put(target, change, { state, expiresAtMs: Date.now() + closedKeptMs });
      // Removed only so that a rebuild has less to read.
      await Promise.all([
        remove(target, change.holdId, 'committing'),
        change.split ? undefined : remove(target, change.holdId, 'held'),
      ]);
    },
    released: (target, change, seatIndexes) =>
      change.state === 'gone' && !change.split
        ? remove(target, change.holdId, 'held')
        : released(target, change, seatIndexes),
    withdrawn: (target, change) =>
      put(target, change, { state: 'released', expiresAtMs: Date.now() + closedKeptMs }),
    forget: (target, change) => remove(target, change.holdId, 'held'),
  };
}
