import { setTimeout as delay } from 'node:timers/promises';
import { saleOfId } from '@onsale/contracts/sale/sale-window';
import { ApiError } from '@onsale/platform/http/api-error';
import { parseHoldChanges, type HoldChange } from './hold-change.ts';
import { sectionOfHoldId } from './hold-id.ts';
import type { InventoryParts } from './inventory-parts.ts';
import { saleSection, seatsBySection, type SaleSection } from './sale-sections.ts';
import type { HoldOutcome, PlaceHold } from './seat-inventory.ts';
import { loadSectionScript } from './section-script.ts';

const placeHoldScript = loadSectionScript('place-hold-6.lua');
const releaseHoldScript = loadSectionScript('release-hold-6.lua');

/** A connection that broke is back within this, or the server is really away. */
const reconnectMs = 100;
/** A hold nobody was told about is freed as soon as its section answers again; after that its expiry frees it. */
const abandonEveryMs = 500;
const abandonTries = 20;

/**
 * Places a hold: the buyer's cap, then the seats, then the lock item, then a look whether the sale's epoch still is the one
 * the seats were taken in. Whatever fails after the seats were taken gives them back.
 */
export function createPlaceHold(parts: InventoryParts): (request: PlaceHold) => Promise<HoldOutcome> {
  const { run, cap, locks, epochs, background, metrics } = parts;

  const abandon = (target: SaleSection, userId: string, holdId: string) =>
    background.run('abandon-hold', async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          await run(releaseHoldScript, target, ['hold', holdId, '']);
          await cap.giveBack(target.saleId, userId, holdId);
          break;
        } catch (error) {
          if (attempt === abandonTries) throw error;
          await delay(abandonEveryMs, undefined, { ref: false });
        }
      }
    });

  const undo = async (target: SaleSection, userId: string, holdId: string) => {
    try {
      await run(releaseHoldScript, target, ['hold', holdId, '']);
      await cap.giveBack(target.saleId, userId, holdId);
    } catch {
      abandon(target, userId, holdId);
    }
  };

  const place = async (request: PlaceHold): Promise<HoldOutcome> => {
    const { published, saleId, userId, holdId, seats } = request;
    const wanted = wantedSeats(request);
    if (sectionOfHoldId(holdId) !== wanted.sectionIndex) {
      throw new Error('placeHold takes a holdId made by createHoldId for the section of its seats');
    }
    const target = saleSection(published, saleId, wanted.sectionIndex);
    const sale = saleOfId(published.event, saleId);
    epochs.prefetch(saleId);

    const taken = await cap.take(request, wanted.seatCount);
    if (taken.outcome !== 'taken') return taken;

    const args = [
      taken.replicationId,
      holdId,
      userId,
      taken.expiresAtMs,
      sale.opensAtMs,
      request.closesAtMs,
      wanted.seatIndexes,
      'seatCount' in seats ? seats.seatCount : 0,
      'seatCount' in seats && seats.wheelchair ? 1 : 0,
    ];
    let placed: Awaited<ReturnType<typeof run>>;
    try {
      placed = await run(placeHoldScript, target, args).catch(async (error: unknown) => {
        if (!(error instanceof ApiError) || error.code !== 'cache_unavailable') throw error;
        // The answer may have been lost on its way: asked again it is the same.
        await delay(reconnectMs);
        return run(placeHoldScript, target, args);
      });
    } catch (error) {
      abandon(target, userId, holdId);
      throw error;
    }

    const [outcome, changes, fence, expiresAtMs, seatsHeld] = placed.answer;
    settleLapsed(parts, target, parseHoldChanges(changes));
    if (outcome !== 'held') {
      await cap.giveBack(saleId, userId, holdId);
      // Its time passed before it was placed: only a stall of many seconds does that.
      if (outcome === 'late') throw new ApiError('unavailable', 'That took too long; try again');
      return { outcome: outcome as 'taken' | 'sold-out' | 'closed' };
    }
    const hold: HoldChange = {
      holdId,
      state: 'held',
      fence: Number(fence),
      expiresAtMs: Number(expiresAtMs),
      owner: userId,
      seatIndexes: String(seatsHeld).split(',').map(Number),
      from: undefined,
      reference: '',
      split: false,
    };
    try {
      const recorded = await locks.held(target, hold, placed.epoch);
      if (recorded === 'written') await epochs.confirm(saleId, placed.epoch);
    } catch (error) {
      await undo(target, userId, holdId);
      background.run('withdraw-lock-item', () => locks.withdrawn(target, hold));
      throw error;
    }
    return {
      outcome: 'held',
      holdId,
      expiresAtMs: hold.expiresAtMs,
      seatIds: hold.seatIndexes.map((seatIndex) =>
        published.seatMap.seatId({ sectionIndex: wanted.sectionIndex, seatIndex }),
      ),
    };
  };

  return async (request) => {
    try {
      const answer = await place(request);
      metrics.holds.inc({ outcome: answer.outcome });
      return answer;
    } catch (error) {
      metrics.holds.inc({ outcome: 'failed' });
      throw error;
    }
  };
}

/** Gives caps back and removes lock items of holds that were found lapsed; what this misses, their expiry makes good. */
export function settleLapsed(
  parts: InventoryParts,
  target: SaleSection,
  changes: readonly HoldChange[],
): void {
  if (changes.length === 0) return;
  parts.metrics.lapsed.inc(changes.length);
  parts.background.run('settle-lapsed', async () => {
    await Promise.all([
      parts.cap.settle(target.saleId, changes),
      ...changes.map((change) => parts.locks.forget(target, change)),
    ]);
  });
}

function wantedSeats({ seats }: PlaceHold) {
  if ('seatCount' in seats) return { ...seats, seatIndexes: '' };
  const sections = [...seatsBySection(seats)];
  if (sections.length !== 1) throw new Error('a hold takes seats of one section');
  const [sectionIndex, seatIndexes] = sections[0]!;
  return { sectionIndex, seatIndexes, seatCount: seatIndexes.split(',').length };
}
