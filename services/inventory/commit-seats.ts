import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import { saleOfId } from '@onsale/contracts/sale/sale-window';
import { parseHoldChanges, type HoldChange } from './hold-change.ts';
import { createHoldId } from './hold-id.ts';
import type { InventoryParts } from './inventory-parts.ts';
import { keepUntilMs } from './keep-until.ts';
import { locateSeats, saleSection, seatsBySection, type SaleSection } from './sale-sections.ts';
import type { BeginCommitOutcome, SeatInventory, SeatsOfBuyer } from './seat-inventory.ts';
import { loadSectionScript } from './section-script.ts';

const beginCommitScript = loadSectionScript('begin-commit-6.lua');
const holdOwnerScript = loadSectionScript('hold-owner-6.lua');
const freeCommittingScript = loadSectionScript('free-committing-6.lua');
const markSoldScript = loadSectionScript('mark-sold-7.lua');
const returnSoldScript = loadSectionScript('return-sold-7.lua');

/** The way of seats from held to sold, or back: each step may be repeated or come late. */
export function createCommitSeats(
  parts: InventoryParts,
): Pick<SeatInventory, 'isHolder' | 'beginCommit' | 'markSold' | 'freeCommitting' | 'returnSold'> {
  const { run, cap, locks, epochs, metrics } = parts;

  const sectionsOf = ({ published, saleId, seatIds }: Omit<SeatsOfBuyer, 'userId'>) =>
    [...seatsBySection(locateSeats(published, seatIds))].map(([sectionIndex, seatIndexes]) => ({
      target: saleSection(published, saleId, sectionIndex),
      seatIndexes,
    }));

  const close = async (
    target: SaleSection,
    changes: readonly HoldChange[],
    state: (change: HoldChange) => 'sold' | 'released' | undefined,
  ) => {
    await cap.settle(target.saleId, changes);
    await Promise.all(
      changes.map(async (change) => {
        const closing = state(change);
        if (closing) await locks.closed(target, change, closing);
      }),
    );
  };

  return {
    async isHolder(request) {
      for (const { target, seatIndexes } of sectionsOf(request)) {
        const { answer } = await run(holdOwnerScript, target, [request.userId, seatIndexes]);
        if (answer[0] !== 'held') return false;
      }
      return true;
    },

    async beginCommit(
      request: SeatsOfBuyer & { readonly message: CommitMessage },
    ): Promise<BeginCommitOutcome> {
      const { saleId, userId, message } = request;
      const { intentId } = message.payload;
      const begun: {
        target: SaleSection;
        seatIndexes: string;
        changes: HoldChange[];
        epoch: number | undefined;
      }[] = [];
      epochs.prefetch(saleId);
      for (const { target, seatIndexes } of sectionsOf(request)) {
        const spare = createHoldId(target.sectionIndex);
        const ran = await run(beginCommitScript, target, [userId, intentId, seatIndexes, spare]);
        const [outcome, lines] = ran.answer;
        if (outcome !== 'committing') {
          // An order takes all its seats or none: those of the sections before lapse again as they did.
          for (const one of begun) {
            const { answer } = await run(freeCommittingScript, one.target, [
              userId,
              intentId,
              one.seatIndexes,
              'hold',
            ]);
            await cap.settle(saleId, parseHoldChanges(answer[1]));
          }
          return { outcome: outcome as 'not-held' | 'hold-expired' };
        }
        const changes = parseHoldChanges(lines);
        begun.push({ target, seatIndexes, changes, epoch: ran.epoch });
        // At once: a later section may undo this, and then a hold split off here must be known to the cap. One that goes on
        // whole counts as before; should it stand in the way after its time, its section is asked what became of it.
        const split = changes.filter((change) => change.split);
        if (split.length > 0) await cap.settle(saleId, split);
      }
      const recorded = await Promise.all(
        begun.flatMap(({ target, changes, epoch }) =>
          changes
            .filter((change) => change.state === 'committing')
            .map((change) => locks.committing(target, change, epoch, message)),
        ),
      );
      if (recorded.includes('written')) {
        for (const { epoch } of begun) await epochs.confirm(saleId, epoch);
      }
      return { outcome: 'committing' };
    },

    async markSold(request) {
      const { userId, orderId, intentId } = request;
      for (const { target, seatIndexes } of sectionsOf(request)) {
        // Twice at most: a call that splits a hold leaves seats without one for the next.
        for (let attempt = 1; attempt <= 2; attempt++) {
          const { answer } = await run(markSoldScript, target, [
            userId,
            intentId ?? '',
            orderId,
            seatIndexes,
            createHoldId(target.sectionIndex),
          ]);
          const leftAlone = Number(answer[2]);
          await close(target, parseHoldChanges(answer[1]), (change) =>
            change.state === 'sold' ? 'sold' : change.state === 'gone' ? 'released' : undefined,
          );
          if (leftAlone === 0) break;
          if (attempt === 2) metrics.soldElsewhere.inc(leftAlone);
        }
      }
    },

    async freeCommitting(request) {
      const { userId, intentId = '' } = request;
      for (const { target, seatIndexes } of sectionsOf(request)) {
        const look = await run(freeCommittingScript, target, [userId, intentId, seatIndexes, 'look']);
        // The lock items first: once the seats are free, a repeated call no longer knows whose holds they were.
        await Promise.all(
          parseHoldChanges(look.answer[1]).map((change) =>
            change.state === 'gone'
              ? locks.released(target, change, change.seatIndexes)
              : locks.closed(target, change, 'released'),
          ),
        );
        const freed = await run(freeCommittingScript, target, [userId, intentId, seatIndexes, 'free']);
        await cap.settle(request.saleId, parseHoldChanges(freed.answer[1]));
      }
    },

    async returnSold(request) {
      const { published, saleId, orderId } = request;
      const sale = saleOfId(published.event, saleId);
      for (const { target, seatIndexes } of sectionsOf(request)) {
        const { answer } = await run(returnSoldScript, target, [
          orderId,
          seatIndexes,
          keepUntilMs(published.event, sale),
        ]);
        // The lock item stays closed; without the ticket it claims nothing.
        await cap.settle(saleId, parseHoldChanges(answer[1]));
      }
    },
  };
}
