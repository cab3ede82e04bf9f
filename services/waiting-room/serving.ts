/** From `since` on the serving number is base + rate × seconds since then. */
export interface ServingPiece {
  readonly base: number;
  /** Epoch milliseconds of the one clock. */
  readonly since: number;
  /** Places per second, from 0. */
  readonly rate: number;
}

/**
 * A change is announced this long before it takes effect, and never less than two seconds: processes read the record once
 * a second and pages may keep it for one, so everybody knows of a change before it matters.
 */
export const changeLeadMs = 2500;

/**
 * After the room's record was restored some process may still hang on the server before, for as long as it takes to notice that
 * that is silent and to dial the next: changes are announced so long before, so that none goes on by a rate that is over.
 */
export const restoredLeadMs = 6000;

/** Pieces that ended before this are forgotten; it must exceed the ten minutes after which an admitted place lapses. */
const historyMs = 900_000;

/** The piece a sale opens with: place 0 is admitted at `since`, nobody while the rate is 0. */
export function openingPiece(since: number, rate: number): ServingPiece {
  return { base: rate > 0 ? 0 : -1, since, rate };
}

// The scripts compute the same in the same order of operations: the same doubles come out.
const valueAt = (piece: ServingPiece, atMs: number) =>
  piece.base + (piece.rate * (atMs - piece.since)) / 1000;

/** The highest place admitted at that instant; −1 while there is none. `pieces` are in order of `since`. */
export function servingNumber(pieces: readonly ServingPiece[], atMs: number): number {
  for (let index = pieces.length - 1; index >= 0; index--) {
    const piece = pieces[index]!;
    if (piece.since <= atMs) return Math.floor(valueAt(piece, atMs));
  }
  return -1;
}

/**
 * When the serving number reaches a place, epoch milliseconds: Infinity if it never does as things stand. A place passed
 * before the oldest piece kept counts as reached when that piece began, which is long ago.
 */
export function reachedAtMs(pieces: readonly ServingPiece[], place: number): number {
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index]!;
    if (piece.base >= place) return piece.since;
    if (piece.rate === 0) continue;
    const endsMs = pieces[index + 1]?.since ?? Number.POSITIVE_INFINITY;
    let atMs = piece.since + Math.ceil(((place - piece.base) / piece.rate) * 1000);
    // The division may be off by a rounding; the definition is the other direction.
    while (valueAt(piece, atMs) < place) atMs++;
    if (atMs < endsMs) return atMs;
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * The pieces with another rate from `leadMs` after now, continuing where the number will then be: it never goes back. Undefined when nothing is to change, or not yet: one announced change at a time.
 */
export function changeServing(
  pieces: readonly ServingPiece[],
  { nowMs, rate, leadMs = changeLeadMs }: { nowMs: number; rate: number; leadMs?: number },
): readonly ServingPiece[] | undefined {
  const last = pieces.at(-1);
  if (last === undefined || last.since > nowMs || last.rate === rate) return undefined;
  const since = nowMs + leadMs;
  const kept = pieces.filter((_, index) => {
    const next = pieces[index + 1];
    return next === undefined || next.since > nowMs - historyMs;
  });
  return [...kept, { base: valueAt(last, since), since, rate }];
}

/** What the record shows: the piece that holds now, and the one announced after it. */
export function currentPieces(
  pieces: readonly ServingPiece[],
  nowMs: number,
): { readonly serving: ServingPiece; readonly next: ServingPiece | undefined } {
  const index = Math.max(
    0,
    pieces.findLastIndex((piece) => piece.since <= nowMs),
  );
  return { serving: pieces[index]!, next: pieces[index + 1] };
}
