import { parseHoldChanges } from './hold-change.ts';
import { sectionOfHoldId } from './hold-id.ts';
import type { InventoryParts } from './inventory-parts.ts';
import { saleSection, seatsBySection } from './sale-sections.ts';
import type { ReleaseHold } from './seat-inventory.ts';
import { loadSectionScript } from './section-script.ts';

const releaseHoldScript = loadSectionScript('release-hold-6.lua');

/**
 * Gives held seats back to the sale. The buyer's cap has them back before the answer; DynamoDB is told behind it, for an
 * item that stays only keeps the seat from others until its expiry, and only if Redis is lost meanwhile.
 */
export function createReleaseHold(parts: InventoryParts) {
  const { run, cap, locks, background } = parts;
  return async ({ published, saleId, seats, proof }: ReleaseHold): Promise<{ released: boolean }> => {
    const proofArgs = 'holdId' in proof ? ['hold', proof.holdId] : ['user', proof.userId];
    let sections: Iterable<[number, string]>;
    if (seats) sections = seatsBySection(seats);
    else {
      const sectionIndex = 'holdId' in proof ? sectionOfHoldId(proof.holdId) : undefined;
      if (sectionIndex === undefined || sectionIndex >= published.seatMap.sections.length) {
        return { released: false };
      }
      sections = [[sectionIndex, '']];
    }
    let released = 0;
    for (const [sectionIndex, seatIndexes] of sections) {
      const target = saleSection(published, saleId, sectionIndex);
      const { answer } = await run(releaseHoldScript, target, [...proofArgs, seatIndexes]);
      const changes = parseHoldChanges(answer[1]);
      if (changes.length === 0) continue;
      released += Number(answer[2]);
      await cap.settle(saleId, changes);
      const seatsOfChange = (answer[3] as string[]).map((text) => text.split(',').map(Number));
      changes.forEach((change, index) => {
        background.run('release-lock-item', () => locks.released(target, change, seatsOfChange[index]!));
      });
    }
    return { released: released > 0 };
  };
}
