import { createHash } from 'node:crypto';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { SeatMap } from '@onsale/contracts/sale/seat-map';
import { holdIdLength, sectionPrefixOfHoldId, type HoldId } from './hold-id.ts';
import type { LockItem } from './lock-item.ts';
import type { TicketedSeat } from './seat-inventory.ts';

/** A section as it is to be published. */
export interface SectionPlan {
  /** One letter a seat. */
  readonly seats: string;
  readonly holds: readonly PlannedHold[];
  readonly counts: {
    readonly free: number;
    readonly held: number;
    readonly sold: number;
    readonly blocked: number;
  };
}

export interface PlannedHold {
  readonly holdId: HoldId;
  readonly state: 'held' | 'committing' | 'sold';
  readonly fence: number;
  readonly expiresAtMs: number;
  readonly owner: string;
  /** Ascending. */
  readonly seatIndexes: number[];
  readonly reference: string;
}

export interface RebuildSources {
  readonly saleId: SaleId;
  readonly seatMap: SeatMap;
  readonly sectionIndex: number;
  readonly epoch: number;
  readonly nowMs: number;
  readonly items: readonly LockItem[];
  /** Of the whole sale or of this section; read after the items, so that a hold sold in between is in one of them. */
  readonly tickets: readonly TicketedSeat[];
  /** Holds may have been given out without lock items: every seat nobody is known to have is blocked. */
  readonly blockRest: boolean;
}

interface Claim {
  readonly item: LockItem;
  /** Undefined: the hold has ended; it only hides older claims. */
  readonly state: 'held' | 'committing' | undefined;
}

/** Fences are the epoch and a number: lua/section.lua. */
const fencesPerEpoch = 2 ** 32;

/**
 * Works out what a section's seats are. A ticket has its seat. Otherwise the claim with the highest fence has it, if it still
 * stands: an item that a late write brought back, or whose deletion was lost, is older than whatever came after it.
 */
export function planSection(sources: RebuildSources): SectionPlan {
  const { seatMap, sectionIndex, epoch, nowMs } = sources;
  const seatCount = seatMap.sections[sectionIndex]!.seatCount;
  const holds: PlannedHold[] = [];
  const holdOfSeat: (PlannedHold | undefined)[] = new Array<undefined>(seatCount);
  let seq = 0;

  const ordersOfSection = new Map<string, PlannedHold>();
  for (const { seatId, userId, orderId } of sources.tickets) {
    const seatIndex = indexInSection(seatMap, sectionIndex, seatId);
    if (seatIndex === undefined) continue;
    let sold = ordersOfSection.get(orderId);
    if (!sold) {
      sold = {
        holdId: holdIdOfOrder(sectionIndex, orderId),
        state: 'sold',
        fence: epoch * fencesPerEpoch + ++seq,
        expiresAtMs: 0,
        owner: userId,
        seatIndexes: [],
        reference: `${orderId} `,
      };
      ordersOfSection.set(orderId, sold);
      holds.push(sold);
    }
    sold.seatIndexes.push(seatIndex);
    holdOfSeat[seatIndex] = sold;
  }

  const highest: (Claim | undefined)[] = new Array<undefined>(seatCount);
  for (const claim of furthestStates(sources.items, nowMs)) {
    for (const seatId of claim.item.seatIds) {
      const seatIndex = indexInSection(seatMap, sectionIndex, seatId);
      if (seatIndex === undefined) continue;
      if (!highest[seatIndex] || claim.item.fence > highest[seatIndex].item.fence) highest[seatIndex] = claim;
    }
  }
  const holdOfClaim = new Map<Claim, PlannedHold>();
  highest.forEach((claim, seatIndex) => {
    if (!claim?.state || holdOfSeat[seatIndex]) return;
    let hold = holdOfClaim.get(claim);
    if (!hold) {
      const { holdId, fence, expiresAtMs, owner, message } = claim.item;
      hold = {
        holdId,
        state: claim.state,
        fence,
        expiresAtMs,
        owner,
        seatIndexes: [],
        reference: claim.state === 'committing' ? (message?.payload.intentId ?? '') : '',
      };
      holdOfClaim.set(claim, hold);
      holds.push(hold);
    }
    hold.seatIndexes.push(seatIndex);
    holdOfSeat[seatIndex] = hold;
  });

  const counts = { free: 0, held: 0, sold: 0, blocked: 0 };
  const letters = Array.from({ length: seatCount }, (_, seatIndex) => {
    const hold = holdOfSeat[seatIndex];
    if (!hold) {
      counts[sources.blockRest ? 'blocked' : 'free']++;
      return sources.blockRest ? 'b' : 'f';
    }
    counts[hold.state === 'sold' ? 'sold' : 'held']++;
    return hold.state === 'sold' ? 's' : 'h';
  });
  for (const hold of holds) hold.seatIndexes.sort((a, b) => a - b);
  return { seats: letters.join(''), holds, counts };
}

function indexInSection(seatMap: SeatMap, sectionIndex: number, seatId: string): number | undefined {
  const position = seatMap.locate(seatId);
  return position?.sectionIndex === sectionIndex ? position.seatIndex : undefined;
}

/** One claim for each hold: its furthest state's, and undefined for what has ended or lapsed. */
function furthestStates(items: readonly LockItem[], nowMs: number): Claim[] {
  const rank = { held: 0, committing: 1, sold: 2, released: 2 };
  const furthest = new Map<string, LockItem>();
  for (const item of items) {
    const known = furthest.get(item.holdId);
    if (!known || rank[item.state] > rank[known.state]) furthest.set(item.holdId, item);
  }
  return [...furthest.values()].map((item) => ({
    item,
    state:
      (item.state === 'held' || item.state === 'committing') && item.expiresAtMs > nowMs
        ? item.state
        : undefined,
  }));
}

/** The same for the same order each time, so that two replicas publish the same. */
function holdIdOfOrder(sectionIndex: number, orderId: string): HoldId {
  const hash = createHash('sha256').update(orderId).digest('base64url');
  return sectionPrefixOfHoldId(sectionIndex) + hash.slice(0, holdIdLength - 2);
}
