import { exchangesOf, type Exchange } from '../history.ts';
import type { RedisLoss, World } from './world.ts';
import { at, span, type Violation } from './violation.ts';

const clockDoubtMs = 50;

/** Places are one buyer's each and stay; the serving number only goes up; who holds was admitted by it. */
export function checkRoom(exchanges: readonly Exchange[], world: World): Violation[] {
  return [
    ...checkPlaces(exchanges, world.redisLosses),
    ...world.sales.flatMap(({ eventId }) => checkServing(exchanges, eventId)),
    ...checkAdmission(exchanges),
    ...checkProof(exchanges),
  ];
}

interface Place {
  readonly userId: string;
  readonly joinIndex: number;
  readonly startMs: number;
  readonly endMs: number;
}

function placesBySale(exchanges: readonly Exchange[]): Map<string, Place[]> {
  const entered = exchangesOf(exchanges, 'enter').filter(({ answer }) => answer.status === 200);
  return new Map(
    [...Map.groupBy(entered, ({ answer }) => String(bodyOf(answer)['saleId']))].map(([saleId, own]) => [
      saleId,
      own
        .toSorted((a, b) => a.endMs - b.endMs)
        .map(({ asked, answer, startMs, endMs }) => {
          return { userId: asked.userId, joinIndex: Number(bodyOf(answer)['joinIndex']), startMs, endMs };
        }),
    ]),
  );
}

function bodyOf(answer: Exchange['answer']): Readonly<Record<string, unknown>> {
  return answer.status === 'unknown' ? {} : answer.body;
}

function checkPlaces(exchanges: readonly Exchange[], losses: readonly RedisLoss[]): Violation[] {
  const violations: Violation[] = [];
  for (const [saleId, places] of placesBySale(exchanges)) {
    for (const [joinIndex, own] of Map.groupBy(places, (place) => place.joinIndex)) {
      const [first, ...others] = own;
      const other = others.find(({ userId }) => userId !== first!.userId);
      if (!other) continue;
      violations.push({
        invariant: 8,
        message: `${saleId}: place ${joinIndex} was given to ${first!.userId} (${span(first!.startMs, first!.endMs)}) and to ${other.userId} (${span(other.startMs, other.endMs)})`,
      });
    }
    for (const [userId, own] of Map.groupBy(places, (place) => place.userId)) {
      for (const [index, later] of own.entries()) {
        const earlier = own[index - 1];
        if (!earlier || earlier.joinIndex === later.joinIndex) continue;
        // Buyers' places live in Redis alone.
        if (
          losses.some(
            (loss) => loss.placesToo && loss.fromMs >= earlier.startMs - 10_000 && loss.fromMs <= later.endMs,
          )
        )
          continue;
        violations.push({
          invariant: 8,
          message: `${saleId}: ${userId} entered again and got place ${later.joinIndex} (${span(later.startMs, later.endMs)}), the first was ${earlier.joinIndex} (${span(earlier.startMs, earlier.endMs)})`,
        });
      }
    }
  }
  return violations;
}

interface RoomRecord {
  readonly now: number;
  readonly serving: { readonly base: number; readonly since: number; readonly rate: number };
  readonly next: { readonly base: number; readonly since: number; readonly rate: number } | null;
  readonly draw: { readonly seedHash: string; readonly cohort: number | null };
}

function recordsOf(exchanges: readonly Exchange[], eventId: string) {
  return exchangesOf(exchanges, 'room-record')
    .filter(({ asked, answer }) => asked.eventId === eventId && answer.status === 200)
    .toSorted((a, b) => a.startMs - b.startMs)
    .map(({ answer, startMs, endMs }) => ({
      record: bodyOf(answer) as unknown as RoomRecord,
      startMs,
      endMs,
    }));
}

function servingAt({ serving, next }: RoomRecord, timeMs: number): number {
  const piece = next && next.since <= timeMs ? next : serving;
  return Math.floor(piece.base + (piece.rate * (timeMs - piece.since)) / 1000);
}

/** Of a time before the record's piece it says no more than that the number had not gone beyond where the piece begins. */
function mostServedAt(record: RoomRecord, timeMs: number): number {
  return servingAt(record, Math.max(timeMs, record.serving.since));
}

/** The serving number of a record for its own time: before the opening nobody is admitted, whatever rate it is to begin with. */
function shown(record: RoomRecord): number {
  return record.now < record.serving.since ? -1 : servingAt(record, record.now);
}

function checkServing(exchanges: readonly Exchange[], eventId: string): Violation[] {
  const violations: Violation[] = [];
  const records = recordsOf(exchanges, eventId);
  for (const [index, later] of records.entries()) {
    const earlier = records[index - 1];
    // Answers are cached for a second, and the clock's estimate moves by some milliseconds: a later one must not say less
    // for its own, later time.
    if (!earlier || later.record.now < earlier.record.now) continue;
    const [before, after] = [shown(earlier.record), shown(later.record)];
    if (after < before) {
      violations.push({
        invariant: 9,
        message: `${eventId}: the serving number was ${before} at ${at(earlier.record.now)} and ${after} at ${at(later.record.now)}`,
      });
    }
    const drawBefore = earlier.record.draw;
    const drawAfter = later.record.draw;
    const isSame =
      drawBefore.seedHash === drawAfter.seedHash &&
      (drawBefore.cohort === null || drawBefore.cohort === drawAfter.cohort);
    if (!isSame) {
      violations.push({
        invariant: 8,
        message: `${eventId}: the draw of ${drawBefore.cohort} places by ${drawBefore.seedHash} at ${at(earlier.endMs)} was another at ${at(later.endMs)}: ${drawAfter.cohort} by ${drawAfter.seedHash}`,
      });
    }
  }
  return violations;
}

/** Places behind the drawn ones are join indexes, so the public record alone says whose turn it was. */
function checkAdmission(exchanges: readonly Exchange[]): Violation[] {
  const violations: Violation[] = [];
  const places = placesBySale(exchanges);
  for (const { asked, answer, startMs, endMs } of exchangesOf(exchanges, 'hold')) {
    if (answer.status !== 200) continue;
    const who = `${asked.userId} was given hold ${String(bodyOf(answer)['holdId'])} (${span(startMs, endMs)})`;
    if (asked.foreignToken) {
      violations.push({ invariant: 9, message: `${who} by another sale's or buyer's token` });
      continue;
    }
    const own = [...places].flatMap(([saleId, entered]) =>
      saleId.startsWith(`${asked.eventId}.`)
        ? entered.filter(({ userId, endMs: enteredMs }) => userId === asked.userId && enteredMs <= endMs)
        : [],
    );
    if (own.length === 0) {
      violations.push({ invariant: 9, message: `${who} and was never given a place` });
      continue;
    }
    const records = recordsOf(exchanges, asked.eventId);
    const later = records.find((one) => one.startMs >= endMs);
    const cohort = later?.record.draw.cohort;
    if (!later || cohort === null || cohort === undefined) continue;
    const least = Math.min(...own.map(({ joinIndex }) => joinIndex));
    const serving = mostServedAt(later.record, endMs + clockDoubtMs);
    if (least >= cohort && least > serving) {
      violations.push({
        invariant: 9,
        message: `${who} with place ${least} while the serving number was ${serving}`,
      });
    }
  }
  const statuses = exchangesOf(exchanges, 'room-status').toSorted((a, b) => a.startMs - b.startMs);
  for (const [userId, own] of Map.groupBy(statuses, ({ asked }) => `${asked.userId} ${asked.eventId}`)) {
    const admitted = own.find(({ answer }) => bodyOf(answer)['ready'] === true);
    const refused = own.find(
      ({ answer, startMs }) => bodyOf(answer)['ready'] === false && admitted && startMs > admitted.endMs,
    );
    const isAnotherPlace = [...places.values()].some((entered) => {
      const indexes = entered.filter((place) => userId.startsWith(`${place.userId} `));
      return new Set(indexes.map(({ joinIndex }) => joinIndex)).size > 1;
    });
    if (!refused || !admitted || isAnotherPlace) continue;
    violations.push({
      invariant: 9,
      message: `${userId} was admitted at ${at(admitted.endMs)} and not any more at ${at(refused.endMs)}`,
    });
  }
  return violations;
}

function checkProof(exchanges: readonly Exchange[]): Violation[] {
  return exchangesOf(exchanges, 'release').flatMap(({ asked, answer, startMs, endMs }): Violation[] => {
    if (!asked.withoutProof || bodyOf(answer)['released'] !== true) return [];
    const seats = asked.seatIds.join(', ');
    return [
      {
        invariant: 3,
        message: `${asked.userId} released ${seats} of ${asked.eventId} without proof (${span(startMs, endMs)})`,
      },
    ];
  });
}
