import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { Clock } from '@onsale/platform/clock';
import { createDraw, type Draw } from './draw.ts';
import { JoinIndexes, type JoinIndexesOptions } from './join-indexes.ts';
import type { RoomAdmission, RoomState } from './room-state.ts';

const dayMs = 86_400_000;
/** The least that is reserved at a time: that many enters more go on while PostgreSQL is away. */
const leastStride = 1000;

export interface SaleRoomDeps {
  readonly clock: Pick<Clock, 'nowMs'>;
  lease(room: SaleRoom, count: number): ReturnType<JoinIndexesOptions['lease']>;
}

/** What one process knows of one sale's room. */
export class SaleRoom {
  published: PublishedEvent;
  sale: SaleWindow;
  /** As last read; undefined only until the first read. */
  state: RoomState | undefined;
  draw: Draw | undefined;
  /** Monotonic milliseconds of that read. */
  readAtMs = Number.NEGATIVE_INFINITY;
  /** One more than the highest join index this process has heard of: the counter can be no lower. */
  top = 0;
  /** Places taken through this process and not yet told to Redis. */
  taken = 0;
  /** Join indexes used through this process and not yet told to Redis. */
  readonly shown = new Set<number>();
  /** Written to PostgreSQL by this process and not yet told to Redis. */
  saved: Pick<RoomState, 'version' | 'entered'> | undefined;
  /** The read, the save and the reservation under way, if any. */
  visiting: Promise<void> | undefined;
  saving: Promise<void> | undefined;
  reserving: Promise<void> | undefined;
  readonly indexes: JoinIndexes;
  #sample: { readonly next: number; readonly atMs: number } | undefined;
  #growth = 0;

  constructor(published: PublishedEvent, sale: SaleWindow, { clock, lease }: SaleRoomDeps) {
    this.published = published;
    this.sale = sale;
    this.indexes = new JoinIndexes({ lease: (count) => lease(this, count), nowMs: () => clock.nowMs() });
  }

  /** Takes over a state read from Redis. */
  adopt(state: RoomState): void {
    this.readAtMs = performance.now();
    this.#sample ??= { next: state.next, atMs: this.readAtMs };
    const elapsedMs = this.readAtMs - this.#sample.atMs;
    if (elapsedMs >= 500) {
      this.#growth = ((state.next - this.#sample.next) / elapsedMs) * 1000;
      this.#sample = { next: state.next, atMs: this.readAtMs };
    }
    this.top = Math.max(this.top, state.next);
    const cohort = state.seal?.cohort;
    if (cohort !== undefined && this.draw?.cohort !== cohort) {
      this.draw = createDraw({ seed: state.seed, cohort, beacon: state.beacon });
      this.indexes.dropEarly();
    }
    this.state = state;
  }

  /**
   * How many join indexes to reserve ahead of a lease of `count`: some seconds of what is being leased, or of what an idle
   * sale is served with, as the counter keeps up with that. What is reserved and not leased when Redis loses its counter
   * become holes, which cost all behind them stride/rate seconds, once.
   */
  stride(count: number): number {
    const growth = Math.max(this.#growth, this.top - (this.#sample?.next ?? this.top));
    const rate = this.state?.pieces.at(-1)?.rate ?? 0;
    return Math.ceil(Math.max(leastStride, 4 * count, 4 * growth, 10 * rate));
  }

  /** Places per second the room is to be served with: none while suspended, else the operator's rate or the event's. */
  get wantedRate(): number {
    const { suspend, waitingRoom } = this.published.event;
    return suspend ? 0 : (this.state?.rateOverride ?? waitingRoom.ratePerSecond);
  }

  /** Places per second the room is to open with. */
  get openingRate(): number {
    return Math.min(this.wantedRate, this.state?.admission?.ratePerSecond ?? this.wantedRate);
  }

  /** What buyers are told of the line. */
  get admission(): RoomAdmission['state'] {
    return this.state?.admission?.state ?? (this.wantedRate === 0 ? 'paused' : 'open');
  }

  /** Takes over a decision made here, ahead of reading it. */
  adoptAdmission(admission: RoomAdmission): void {
    if (this.state) this.state = { ...this.state, admission };
  }

  /** When Redis may forget the room and the places in it. Rounds of practice are many and short. */
  get expireAtMs(): number {
    const { event } = this.published;
    return this.sale.closesAtMs + (event.sale.kind === 'windows' ? 600_000 : dayMs);
  }
}
