/** Something that changed a seat for certain, at one instant of its span. */
export type SeatWrite =
  | {
      readonly kind: 'hold';
      readonly buyer: string;
      readonly holdId: string;
      readonly expiresAtMs: number;
      readonly startMs: number;
      readonly endMs: number;
    }
  | {
      readonly kind: 'release';
      readonly buyer: string;
      readonly startMs: number;
      readonly endMs: number;
    }
  | {
      /** The hold lapses no more: it becomes an order's that was confirmed. */
      readonly kind: 'sell';
      readonly buyer: string;
      readonly orderId: string;
      readonly startMs: number;
      readonly endMs: number;
    }
  | {
      readonly kind: 'return';
      readonly buyer: string;
      readonly orderId: string;
      readonly startMs: number;
      readonly endMs: number;
    };

/** Somebody was told that the seat is not free. */
export interface SeatRefusal {
  readonly kind: 'refusal';
  readonly buyer: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What may have been so, without anybody being told: it explains other answers and needs no explanation itself. */
export interface SeatDoubt {
  /**
   * may-hold: the buyer may have a hold nobody heard of; may-end: a hold of the buyer may have ended before its time;
   * may-block: the seat may have been refused though nobody is known to have it.
   */
  readonly kind: 'may-hold' | 'may-end' | 'may-block';
  readonly buyer: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Everything known of one seat of one sale. */
export interface SeatStory {
  readonly saleId: string;
  readonly seatId: string;
  readonly writes: SeatWrite[];
  readonly refusals: SeatRefusal[];
  readonly doubts: SeatDoubt[];
}
