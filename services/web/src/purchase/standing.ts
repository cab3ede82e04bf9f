import type { RoomRecord, RoomStatus } from '../api/wire.ts';

/** What the page knows of a buyer's turn, and since when. */
export interface Standing {
  readonly drawn: boolean;
  readonly ready: boolean;
  /** Buyers before this one at `asOfMs`; 0 until drawn. */
  readonly position: number;
  readonly leftSec: number;
  readonly admission: Admission;
  readonly asOfMs: number;
  /** From the public record: with it the page reckons its own turn and asks nobody. */
  readonly own: {
    readonly placeNumber: number;
    readonly record: Record;
  } | null;
}

/** Why the line moves as it does. */
export type Admission = RoomStatus['admission'];

export interface TurnNow {
  readonly drawn: boolean;
  readonly ready: boolean;
  readonly position: number;
  readonly leftSec: number;
  readonly admission: Admission;
}

type Record = Pick<RoomRecord, 'serving' | 'next'>;
type Told = Pick<RoomStatus, 'drawn' | 'ready' | 'position' | 'leftSec' | 'admission'>;

/** The serving number at an instant: the floor of the last piece begun by then. */
export function servingAt({ serving, next }: Record, nowMs: number): number {
  const piece = next && nowMs >= next.since ? next : serving;
  return Math.floor(piece.base + (piece.rate * (nowMs - piece.since)) / 1000);
}

/** A standing as room-status told it at `asOfMs`. */
export function standingFrom(status: Told, asOfMs: number): Standing {
  const { drawn, ready, position, leftSec, admission } = status;
  return { drawn, ready, position, leftSec, admission, asOfMs, own: null };
}

/** Adds the public record: the place's number follows from the position that room-status told, at that instant. */
export function withRecord(standing: Standing, record: Record & Pick<RoomRecord, 'admission'>): Standing {
  const toldAtMs = Math.max(standing.asOfMs, record.serving.since);
  const placeNumber = standing.own?.placeNumber ?? servingAt(record, toldAtMs) + 1 + standing.position;
  return { ...standing, admission: record.admission, own: { placeNumber, record } };
}

/** The turn now. Without a record the last answer, its seconds counted down. */
export function turnAt(standing: Standing, nowMs: number): TurnNow {
  const { drawn, ready, admission, own } = standing;
  const passedSec = Math.max(0, (nowMs - standing.asOfMs) / 1000);
  const counted = Math.max(ready ? 0 : 1, Math.ceil(standing.leftSec - passedSec));
  if (!own || ready) return { drawn, ready, admission, position: standing.position, leftSec: counted };
  const position = Math.max(0, own.placeNumber - servingAt(own.record, nowMs) - 1);
  const { rate } = own.record.next && nowMs >= own.record.next.since ? own.record.next : own.record.serving;
  const leftSec = rate > 0 ? Math.max(1, Math.ceil((position + 1) / rate)) : counted;
  return { drawn, ready, admission, position, leftSec };
}
