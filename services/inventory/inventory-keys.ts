import type { SaleId } from '@onsale/contracts/sale/sale-id';

/** A sale's sections spread over at most this many hash tags, and so over the shards of a cluster. */
const maxBuckets = 16;

/** A section lies whole in one bucket. The number of sections fixes the bucket, so it never moves during a sale. */
export function bucketOf(sectionIndex: number, sectionCount: number): number {
  return sectionIndex % Math.min(sectionCount, maxBuckets);
}

/** Keys of one section; lua/section.lua says what is in them. */
export interface SectionKeys {
  /** The first six keys every section script takes. */
  readonly live: readonly [
    header: string,
    seats: string,
    holders: string,
    holds: string,
    lapses: string,
    rows: string,
  ];
  readonly header: string;
  readonly seats: string;
  /** Set of the seats that were returned, each with its order. */
  readonly returned: string;
}

/** A section's keys, all with the tag of its bucket. */
export function sectionKeys(saleId: SaleId, sectionIndex: number, sectionCount: number): SectionKeys {
  const prefix = `{${saleId}#${bucketOf(sectionIndex, sectionCount)}}:section:${sectionIndex}`;
  const header = `${prefix}:header`;
  const seats = `${prefix}:seats`;
  return {
    live: [header, seats, `${prefix}:holders`, `${prefix}:holds`, `${prefix}:lapses`, `${prefix}:rows`],
    header,
    seats,
    returned: `${prefix}:returned`,
  };
}

/** Where a replica builds a section before it is published; the token keeps two replicas apart. */
export function builtSectionKeys(keys: SectionKeys, token: string) {
  const [, seats, holders, holds, lapses] = keys.live;
  return {
    seats: `${seats}:${token}`,
    holders: `${holders}:${token}`,
    holds: `${holds}:${token}`,
    lapses: `${lapses}:${token}`,
  };
}

/**
 * Buyers' caps lie together, so that a rebuild writes tens of thousands of them in hundreds of calls, and spread over this many
 * hash tags, so that they lie on all shards alike.
 */
export const capBuckets = 256;

/** The bucket of a buyer's cap, by the FNV-1a hash of the userId. */
export function capBucketOf(userId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < userId.length; index++) {
    hash = Math.imul(hash ^ userId.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % capBuckets;
}

/** What counts towards the most one buyer may have of a sale, for all buyers of a bucket: lua/take-cap-1.lua. */
export function buyerCapsKey(saleId: SaleId, bucket: number): string {
  return `{${saleId}:${bucket}}:caps`;
}

/**
 * Held by the replica that rebuilds a sale onto these servers (readMasters): a server that comes back with older
 * files may bring the lease of a replica that has long ended.
 */
export function rebuildLeaseKey(saleId: SaleId, masters: string): string {
  return `{${saleId}}:inventory:rebuild:${masters}`;
}

/** Held by the replica that keeps a sale's seats in this second. */
export function keeperLeaseKey(saleId: SaleId): string {
  return `{${saleId}}:inventory:keeper`;
}
