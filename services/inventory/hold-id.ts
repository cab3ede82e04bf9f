import { randomFillSync } from 'node:crypto';

/**
 * Names a hold: two characters that say its section, then sixteen random ones. It is proof of ownership, so it cannot be
 * guessed (96 bits), and a release that brings nothing else still finds its section.
 */
export type HoldId = string;

/** Fixed, so that a seat's holder is found by arithmetic in one string. */
export const holdIdLength = 18;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const randomBytesPerId = 12;
/** Asking the system for random bytes costs 2 µs a time, however few: they are fetched for many holds at once. */
const pool = Buffer.alloc(512 * randomBytesPerId);
let used = pool.length;

function randomPart(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += randomBytesPerId;
  return pool.toString('base64url', used - randomBytesPerId, used);
}

/** A new holdId for a section; whoever places a hold makes one and repeats it when the answer was lost. */
export function createHoldId(sectionIndex: number): HoldId {
  return sectionPrefixOfHoldId(sectionIndex) + randomPart();
}

/** The two characters that say a section. */
export function sectionPrefixOfHoldId(sectionIndex: number): string {
  return alphabet[sectionIndex >> 6]! + alphabet[sectionIndex & 63]!;
}

/** Position of the hold's section in its event; undefined for what is no holdId. */
export function sectionOfHoldId(holdId: string): number | undefined {
  if (!/^[A-Za-z0-9_-]{18}$/.test(holdId)) return undefined;
  return alphabet.indexOf(holdId[0]!) * 64 + alphabet.indexOf(holdId[1]!);
}
