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
  /** An item of it speaks for seats it does not have. */
  split: boolean;
}

export interface RebuildSources {
  readonly saleId: SaleId;
  readonly seatMap: SeatMap;
  readonly sectionIndex: number;
  readonly epoch: number;
  readonly nowMs: number;
  readonly items: readonly LockItem[];
  /** Intents among those of the committing items whose orders have ended; read after the items. */
  readonly endedIntents: ReadonlySet<string>;
  /** Of the whole sale or of this section; read last, so that what was sold in between is in one of them. */
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
 * stands: an item that a late write brought back, or whose deletion was lost, is older than whatever came after it. Each seat
 * of an item counts by itself: of a hold that was split, only one half may have an item of its own yet.
 */
export function planSection(sources: RebuildSources): SectionPlan {
  const { seatMap, sectionIndex, epoch } = sources;
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
        holdId: derivedHoldId(sectionIndex, orderId),
        state: 'sold',
        fence: epoch * fencesPerEpoch + ++seq,
        expiresAtMs: 0,
        owner: userId,
        seatIndexes: [],
        reference: `${orderId} `,
        split: false,
      };
      ordersOfSection.set(orderId, sold);
      holds.push(sold);
    }
    sold.seatIndexes.push(seatIndex);
    holdOfSeat[seatIndex] = sold;
  }

  const highest: (Claim | undefined)[] = new Array<undefined>(seatCount);
  const claims = claimsOf(sources);
  for (const claim of claims) {
    for (const seatId of claim.item.seatIds) {
      const seatIndex = indexInSection(seatMap, sectionIndex, seatId);
      if (seatIndex === undefined) continue;
      if (!highest[seatIndex] || isLater(claim.item, highest[seatIndex].item)) highest[seatIndex] = claim;
    }
  }
  const holdOfClaim = new Map<Claim, PlannedHold>();
  const movedOn = new Set(claims.flatMap(({ item }) => (item.state === 'held' ? [] : [item.holdId])));
  highest.forEach((claim, seatIndex) => {
    if (!claim?.state || holdOfSeat[seatIndex]) return;
    let hold = holdOfClaim.get(claim);
    if (!hold) {
      const { holdId, fence, expiresAtMs, lapsesAtMs = expiresAtMs, owner, message } = claim.item;
      const isCommitting = claim.state === 'committing';
      hold = {
        // The first item of a hold that moved on may still speak for what was split off it. That becomes a hold of a name
        // not used before: items of its own must not overwrite those of the other half.
        holdId:
          isCommitting || !movedOn.has(holdId) ? holdId : derivedHoldId(sectionIndex, `${holdId} ${epoch}`),
        state: claim.state,
        fence,
        expiresAtMs: isCommitting ? lapsesAtMs : expiresAtMs,
        owner,
        seatIndexes: [],
        reference: isCommitting ? (message?.payload.intentId ?? '') : '',
        split: false,
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
  const mostSeats = new Map<string, number>();
  for (const { holdId, seatIds } of sources.items) {
    mostSeats.set(holdId, Math.max(seatIds.length, mostSeats.get(holdId) ?? 0));
  }
  for (const [{ item }, hold] of holdOfClaim) {
    hold.split = hold.holdId !== item.holdId || hold.seatIndexes.length < mostSeats.get(item.holdId)!;
  }
  for (const hold of holds) hold.seatIndexes.sort((a, b) => a - b);
  return { seats: letters.join(''), holds, counts };
}

function indexInSection(seatMap: SeatMap, sectionIndex: number, seatId: string): number | undefined {
  const position = seatMap.locate(seatId);
  return position?.sectionIndex === sectionIndex ? position.seatIndex : undefined;
}

/**
 * What the items claim. A commit that has ended claims nothing, whatever became of its items: its seats have tickets, or are
 * as they were before it.
 */
function claimsOf({ items, endedIntents, nowMs }: RebuildSources): Claim[] {
  return items.flatMap((item) => {
    if (item.state === 'committing' && endedIntents.has(item.message?.payload.intentId ?? '')) return [];
    const stands = (item.state === 'held' || item.state === 'committing') && item.expiresAtMs > nowMs;
    return [{ item, state: stands ? item.state : undefined }];
  });
}

const rank = { held: 0, committing: 1, sold: 2, released: 2 };

/** A commit is closed with the fence it has. */
function isLater(one: LockItem, other: LockItem): boolean {
  return one.fence === other.fence ? rank[one.state] > rank[other.state] : one.fence > other.fence;
}

/** The same for the same order each time, so that two replicas publish the same. */
function derivedHoldId(sectionIndex: number, text: string): HoldId {
  const hash = createHash('sha256').update(text).digest('base64url');
  return sectionPrefixOfHoldId(sectionIndex) + hash.slice(0, holdIdLength - 2);
}
