import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { SaleId } from '@onsale/contracts/sale/sale-id';
import type { SeatMapSection } from '@onsale/contracts/sale/seat-map';

/** DynamoDB's copy of a hold in one of its states. Fences compare holds of the same section. */
export interface LockItem {
  readonly holdId: string;
  readonly state: 'held' | 'committing' | 'sold' | 'released';
  readonly seatIds: readonly string[];
  readonly owner: string;
  readonly fence: number;
  /** Of state held: when it lapses. Of the others: until when the item means anything. */
  readonly expiresAtMs: number;
  /** Of state committing: when the hold lapses if it is held again. */
  readonly lapsesAtMs?: number | undefined;
  /** Of state committing: what was or will be put on the commit queue. */
  readonly message?: CommitMessage | undefined;
}

export type LockKey = { readonly pk: string; readonly sk: string };

/**
 * A hold has one item for each state it can reach, never one that is overwritten: BatchWriteItem has no conditions, so a
 * delayed write could put `held` over `committing` and lose a purchase. Apart, they may arrive in any order and be repeated;
 * a reader takes, seat by seat, the highest fence. `held` has the plain holdId.
 */
const suffixOf = { held: '', committing: '#committing', sold: '#closed', released: '#closed' } as const;

/** A commit is settled within minutes, by rows of PostgreSQL at the latest; this bounds what a lost write can leave behind. */
export const committingKeptMs = 7 * 86_400_000;
/** Outlives the committing item it ends. */
export const closedKeptMs = 8 * 86_400_000;

/**
 * Lock items of a section spread over this many partition keys: a partition key takes 1,000 writes a second, and a large
 * section sells faster in its first second.
 */
export function lockBuckets(section: SeatMapSection): number {
  return Math.min(16, Math.ceil(section.seatCount / 1000));
}

export function lockPartition(saleId: SaleId, section: SeatMapSection, bucket: number): string {
  return `${saleId}#${section.id}#${bucket}`;
}

/** Where the item of a hold in this state is. */
export function lockKey(
  saleId: SaleId,
  section: SeatMapSection,
  holdId: string,
  state: LockItem['state'],
): LockKey {
  const bucket = holdId.charCodeAt(holdId.length - 1) % lockBuckets(section);
  return { pk: lockPartition(saleId, section, bucket), sk: holdId + suffixOf[state] };
}

/** The item as DynamoDB stores it. */
export function marshallLockItem(key: LockKey, item: LockItem): Record<string, AttributeValue> {
  return {
    pk: { S: key.pk },
    sk: { S: key.sk },
    state: { S: item.state },
    seats: { S: item.seatIds.join(',') },
    owner: { S: item.owner },
    fence: { N: String(item.fence) },
    expiresAtMs: { N: String(item.expiresAtMs) },
    ttl: { N: String(Math.ceil(item.expiresAtMs / 1000)) },
    ...(item.lapsesAtMs === undefined ? {} : { lapsesAtMs: { N: String(item.lapsesAtMs) } }),
    ...(item.message ? { message: { S: JSON.stringify(item.message) } } : {}),
  };
}

export function unmarshallLockItem(stored: Record<string, AttributeValue>): LockItem {
  return {
    holdId: stored['sk']!.S!.split('#')[0]!,
    state: stored['state']!.S as LockItem['state'],
    seatIds: stored['seats']!.S!.split(','),
    owner: stored['owner']!.S!,
    fence: Number(stored['fence']!.N),
    expiresAtMs: Number(stored['expiresAtMs']!.N),
    lapsesAtMs: stored['lapsesAtMs'] ? Number(stored['lapsesAtMs'].N) : undefined,
    message: stored['message'] ? (JSON.parse(stored['message'].S!) as CommitMessage) : undefined,
  };
}
