import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleWindow } from '@onsale/contracts/sale/sale-window';
import type { Clock } from '@onsale/platform/clock';
import { createDraw, type Draw } from './draw.ts';
import { JoinIndexes, type JoinIndexesOptions } from './join-indexes.ts';
import type { RoomAdmission, RoomState } from './room-state.ts';
import { changeLeadMs, restoredLeadMs } from './serving.ts';

const dayMs = 86_400_000;
/**
 * The least that is reserved at a time. What becomes holes is passed at the rate admission is steered to when Redis is lost,
 * which may be a hundredth of the planned one: with 100, buyers of a small sale stood four seconds behind nobody.
 */
const leastStride = 20;
/** By then every process has found the server that took over. */
const restoredForMs = 10_000;

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
  #restoredAtMs = Number.NEGATIVE_INFINITY;
  #sample: { readonly entered: number; readonly atMs: number } | undefined;
  #enteredPerSecond = 0;
  #leasedSinceSample = 0;

  constructor(published: PublishedEvent, sale: SaleWindow, { clock, lease }: SaleRoomDeps) {
    this.published = published;
    this.sale = sale;
    this.indexes = new JoinIndexes({ lease: (count) => lease(this, count), nowMs: () => clock.nowMs() });
  }

  /** Takes over a state read from Redis. */
  adopt(state: RoomState): void {
    this.readAtMs = performance.now();
    if (this.state && this.state.generation !== state.generation) this.#restoredAtMs = this.readAtMs;
    this.#sample ??= { entered: state.entered, atMs: this.readAtMs };
    const elapsedMs = this.readAtMs - this.#sample.atMs;
    if (elapsedMs >= 500) {
      this.#enteredPerSecond = ((state.entered - this.#sample.entered) / elapsedMs) * 1000;
      this.#leasedSinceSample = 0;
      this.#sample = { entered: state.entered, atMs: this.readAtMs };
    }
    this.top = Math.max(this.top, state.next);
    const cohort = state.seal?.cohort;
    if (cohort !== undefined && this.draw?.cohort !== cohort) {
      this.draw = createDraw({ seed: state.seed, cohort, beacon: state.beacon });
      this.indexes.dropEarly();
    }
    this.state = state;
  }

  /** How long ahead a change of the rate is to be announced. */
  get changeLeadMs(): number {
    return performance.now() - this.#restoredAtMs < restoredForMs ? restoredLeadMs : changeLeadMs;
  }

  /** Takes note of a block leased by this process. */
  noteLease({ first, count }: { readonly first: number; readonly count: number }): void {
    this.top = Math.max(this.top, first + count);
    this.#leasedSinceSample += count;
  }

  /**
   * How many join indexes to reserve ahead of a lease of `count`: some seconds of what buyers take. In an idle sale, whose
   * counter keeps up with the serving number, an enter may have to wait for its reserve. What is reserved and not leased when
   * Redis loses its counter becomes holes, which cost all behind them stride/rate seconds, once.
   */
  stride(count: number): number {
    return Math.ceil(4 * Math.max(leastStride / 4, count, this.#enteredPerSecond, this.#leasedSinceSample));
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
