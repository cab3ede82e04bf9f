import type { SeatDoubt, SeatRefusal, SeatStory, SeatWrite } from './seat-story.ts';
import { at, span, type Violation } from './violation.ts';

/** Clocks of the stores and of the clients agree this well; an expiry this close to an answer proves nothing. */
const clockDoubtMs = 50;
/** Far more than any seat of a run needs; a search that gets here is told of, not taken for a proof. */
const maxStates = 200_000;

type Occupant =
  | { readonly kind: 'free' }
  | {
      readonly kind: 'held';
      readonly buyer: string;
      readonly holdId: string;
      readonly expiresAtMs: number;
      readonly since: SeatWrite;
    }
  | { readonly kind: 'sold'; readonly buyer: string; readonly orderId: string; readonly since: SeatWrite };

interface State {
  readonly occupant: Occupant;
  /** The earliest instant this state can have come about. */
  readonly sinceMs: number;
}

type Operation = SeatWrite | SeatRefusal;

const free: Occupant = { kind: 'free' };

/**
 * Looks for an order of all that happened to a seat that explains every answer (Wing and Gong, 1993): each operation took
 * effect at one instant between its request and its answer, holds lapse by the clock. Finding none is a violation; its
 * message names the first answer that cannot be.
 */
export function checkSeat(story: SeatStory): Violation | undefined {
  const operations: Operation[] = [...story.writes, ...story.refusals].sort(
    (a, b) => a.startMs - b.startMs || a.endMs - b.endMs,
  );
  const placed = new Array<boolean>(operations.length).fill(false);
  const failed = new Set<string>();
  let states = 0;
  let deepest = { count: -1, state: { occupant: free, sinceMs: 0 } as State, stuck: [] as Operation[] };

  const search = (count: number, firstOpen: number, state: State): boolean => {
    while (firstOpen < operations.length && placed[firstOpen]) firstOpen++;
    if (firstOpen === operations.length) return true;
    if (++states > maxStates) return false;
    const key = `${firstOpen} ${openKey(firstOpen)} ${occupantKey(state.occupant)} ${state.sinceMs}`;
    if (failed.has(key)) return false;

    // Whatever begins after an open one has ended comes later than that one.
    const candidates: number[] = [];
    let firstEnd = Number.POSITIVE_INFINITY;
    for (let index = firstOpen; index < operations.length; index++) {
      if (operations[index]!.startMs > firstEnd) break;
      if (placed[index]) continue;
      candidates.push(index);
      firstEnd = Math.min(firstEnd, operations[index]!.endMs);
    }
    const open = candidates.filter((index) => operations[index]!.startMs <= firstEnd);

    // Answers that change nothing are placed as soon as they can be: waiting never helps them or others.
    const told = open.filter((index) => {
      const operation = operations[index]!;
      return operation.kind === 'refusal' && isRefusedIn(state, operation, story.doubts);
    });
    for (const index of told) placed[index] = true;
    try {
      if (told.length > 0) {
        if (search(count + told.length, firstOpen, state)) return true;
      } else {
        for (const index of open) {
          const operation = operations[index]!;
          if (operation.kind === 'refusal') continue;
          const next = apply(state, operation, story.doubts);
          if (!next) continue;
          placed[index] = true;
          const found = search(count + 1, firstOpen, next);
          placed[index] = false;
          if (found) return true;
        }
        if (count > deepest.count) {
          deepest = { count, state, stuck: open.map((index) => operations[index]!) };
        }
      }
    } finally {
      for (const index of told) placed[index] = false;
    }
    failed.add(key);
    return false;
  };

  /** Which of the later operations are placed already. */
  const openKey = (firstOpen: number) => {
    const ahead: number[] = [];
    for (let index = firstOpen + 1; index < operations.length; index++) {
      if (placed[index]) ahead.push(index - firstOpen);
    }
    return ahead.join(',');
  };

  if (search(0, 0, { occupant: free, sinceMs: 0 })) return undefined;
  if (states > maxStates) {
    const seat = `${story.saleId} ${story.seatId}`;
    return { invariant: 1, message: `${seat}: too many orders of events to try; nothing is proven` };
  }
  return describe(story, deepest.state, deepest.stuck);
}

function occupantKey(occupant: Occupant): string {
  if (occupant.kind === 'free') return 'free';
  return occupant.kind === 'held' ? `held ${occupant.holdId}` : `sold ${occupant.orderId}`;
}

/** The state after an operation at the earliest instant it can have happened; undefined when it cannot. */
function apply(
  { occupant, sinceMs }: State,
  operation: SeatWrite,
  doubts: readonly SeatDoubt[],
): State | undefined {
  const earliestMs = Math.max(sinceMs, operation.startMs);
  if (earliestMs > operation.endMs + clockDoubtMs) return undefined;
  switch (operation.kind) {
    case 'hold': {
      const freeFromMs = whenFree(occupant, doubts);
      const pointMs = Math.max(earliestMs, freeFromMs - clockDoubtMs);
      if (pointMs > operation.endMs + clockDoubtMs) return undefined;
      const { buyer, holdId, expiresAtMs } = operation;
      return { occupant: { kind: 'held', buyer, holdId, expiresAtMs, since: operation }, sinceMs: pointMs };
    }
    case 'release': {
      const isOwn = occupant.kind === 'held' && occupant.buyer === operation.buyer;
      if (!isOwn && !mayHold(operation.buyer, operation.startMs, operation.endMs, doubts)) return undefined;
      // Somebody else's stays where it is.
      return { occupant: isOwn ? free : occupant, sinceMs: earliestMs };
    }
    case 'sell': {
      const isOwn =
        occupant.kind === 'held' &&
        occupant.buyer === operation.buyer &&
        earliestMs < occupant.expiresAtMs + clockDoubtMs;
      const isDoubtful =
        whenFree(occupant, doubts) - clockDoubtMs <= operation.endMs &&
        mayHold(operation.buyer, operation.startMs, operation.endMs, doubts);
      if (!isOwn && !isDoubtful) return undefined;
      const { buyer, orderId } = operation;
      return { occupant: { kind: 'sold', buyer, orderId, since: operation }, sinceMs: earliestMs };
    }
    case 'return':
      if (occupant.kind !== 'sold' || occupant.orderId !== operation.orderId) return undefined;
      return { occupant: free, sinceMs: earliestMs };
  }
}

/** From when on another buyer can have the seat without anything further being known to have happened. */
function whenFree(occupant: Occupant, doubts: readonly SeatDoubt[]): number {
  if (occupant.kind === 'free') return 0;
  if (occupant.kind === 'sold') return Number.POSITIVE_INFINITY;
  const early = doubts
    .filter(({ kind, buyer, untilMs }) => {
      return kind === 'may-end' && buyer === occupant.buyer && untilMs >= occupant.since.startMs;
    })
    .map(({ fromMs }) => fromMs);
  return Math.min(occupant.expiresAtMs, ...early);
}

function mayHold(buyer: string, startMs: number, endMs: number, doubts: readonly SeatDoubt[]): boolean {
  return doubts.some(
    (doubt) =>
      doubt.kind === 'may-hold' &&
      doubt.buyer === buyer &&
      doubt.fromMs <= endMs + clockDoubtMs &&
      doubt.untilMs >= startMs - clockDoubtMs,
  );
}

function isRefusedIn({ occupant, sinceMs }: State, refusal: SeatRefusal, doubts: readonly SeatDoubt[]) {
  const fromMs = Math.max(sinceMs, refusal.startMs);
  if (occupant.kind === 'sold' && fromMs <= refusal.endMs + clockDoubtMs) return true;
  if (
    occupant.kind === 'held' &&
    fromMs <= refusal.endMs + clockDoubtMs &&
    fromMs < occupant.expiresAtMs + clockDoubtMs
  ) {
    return true;
  }
  return doubts.some(
    (doubt) =>
      doubt.kind !== 'may-end' &&
      doubt.fromMs <= refusal.endMs + clockDoubtMs &&
      doubt.untilMs >= refusal.startMs - clockDoubtMs,
  );
}

function describe(story: SeatStory, { occupant }: State, stuck: readonly Operation[]): Violation {
  const seat = `${story.saleId} ${story.seatId}`;
  const operation = [...stuck].sort((a, b) => a.endMs - b.endMs)[0]!;
  const when = span(operation.startMs, operation.endMs);
  const situation = situationText(occupant);
  switch (operation.kind) {
    case 'hold':
      return {
        invariant: 1,
        message: `${seat}: ${operation.buyer} was given hold ${operation.holdId} (${when}), but ${situation}`,
      };
    case 'refusal':
      return {
        invariant: 4,
        message: `${seat}: ${operation.buyer} was told it is taken (${when}), but ${situation}`,
      };
    case 'release':
      return {
        invariant: 1,
        message: `${seat}: ${operation.buyer} was told it is released (${when}), but ${situation}`,
      };
    case 'sell':
      return {
        invariant: 3,
        message: `${seat}: order ${operation.orderId} of ${operation.buyer} was confirmed, its commit taken in ${when}, but ${situation}`,
      };
    case 'return':
      return {
        invariant: 10,
        message: `${seat}: order ${operation.orderId} gave it back at ${at(operation.startMs)}, but ${situation}`,
      };
  }
}

function situationText(occupant: Occupant): string {
  if (occupant.kind === 'free') return 'nobody is known to have it then';
  const since = span(occupant.since.startMs, occupant.since.endMs);
  return occupant.kind === 'sold'
    ? `${occupant.buyer} has it by order ${occupant.orderId} since ${since}`
    : `${occupant.buyer} has hold ${occupant.holdId} since ${since}, until ${at(occupant.expiresAtMs)}`;
}
