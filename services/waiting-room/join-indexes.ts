/** A join index this process may give to a buyer. */
export interface JoinIndex {
  readonly index: number;
  /** Only before this instant, epoch milliseconds; 0 at any time. */
  readonly givenBeforeMs: number;
  /** Monotonic milliseconds. */
  readonly leasedAtMs: number;
}

export interface JoinIndexesOptions {
  /** Leases `count` indexes from the sale's counter; returns the first. */
  lease(count: number): Promise<{ readonly first: number; readonly givenBeforeMs: number }>;
  /** Epoch milliseconds of the one clock. */
  nowMs(): number;
  /** Monotonic milliseconds. */
  monotonicMs?(): number;
}

/** Demand over this long decides the size of the next block. */
const demandWindowMs = 100;
/** With fewer buyers than this in {@link demandWindowMs} each leases for itself, and not one index is left over. */
const quietBelow = 4;
/** More than any process can give out in {@link demandWindowMs}. */
const largestBlock = 10_000;
/**
 * After the opening an index left over from a rush is dropped after this long. It would let a latecomer overtake all who
 * came since; unused it costs those behind it 1/rate seconds. Before the opening order means nothing, and none is dropped.
 */
const leftOverMs = 1000;

interface Waiting {
  resolve(index: JoinIndex): void;
  reject(reason: unknown): void;
}

/** One process's block of a sale's join indexes. */
export class JoinIndexes {
  readonly #options: JoinIndexesOptions;
  readonly #monotonicMs: () => number;
  #free: JoinIndex[] = [];
  #waiting: Waiting[] = [];
  #leasing = false;
  #windowBeganMs = Number.NEGATIVE_INFINITY;
  #usedInWindow = 0;
  #usedBefore = 0;

  constructor(options: JoinIndexesOptions) {
    this.#options = options;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** True when a buyer would need a lease of its own: then it is cheaper to look first whether the buyer has a place. */
  get idle(): boolean {
    return this.#free.length === 0 && this.#waiting.length === 0 && this.#demand() === 0;
  }

  /** The next index; rejects as the lease does. */
  take(): Promise<JoinIndex> | JoinIndex {
    this.#rollWindow();
    this.#usedInWindow++;
    const index = this.#nextFree();
    if (index) return index;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      // Whoever arrives in the same turn of the event loop shares the lease.
      if (!this.#leasing) {
        this.#leasing = true;
        setImmediate(() => void this.#lease());
      }
    });
  }

  /** For an index nobody was given: a buyer who had a place already. It goes to the next buyer instead. */
  giveBack(index: JoinIndex): void {
    if (this.#usedInWindow > 0) this.#usedInWindow--;
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(index);
    else this.#free.push(index);
  }

  /** Drops what was leased before the opening. */
  dropEarly(): void {
    this.#free = this.#free.filter((index) => index.givenBeforeMs === 0);
  }

  async #lease(): Promise<void> {
    while (this.#waiting.length > 0) {
      const count = Math.min(Math.max(this.#waiting.length, this.#demand()), largestBlock);
      try {
        const { first, givenBeforeMs } = await this.#options.lease(count);
        const leasedAtMs = this.#monotonicMs();
        for (let index = first; index < first + count; index++) {
          const leased = { index, givenBeforeMs, leasedAtMs };
          const waiting = this.#waiting.shift();
          if (waiting) waiting.resolve(leased);
          else this.#free.push(leased);
        }
      } catch (error) {
        for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
      }
    }
    this.#leasing = false;
  }

  #nextFree(): JoinIndex | undefined {
    for (;;) {
      const index = this.#free.shift();
      if (index === undefined) return undefined;
      const usable =
        index.givenBeforeMs > 0
          ? this.#options.nowMs() < index.givenBeforeMs
          : this.#monotonicMs() - index.leasedAtMs < leftOverMs;
      if (usable) return index;
    }
  }

  /** Indexes used lately, which is how many will be used next; 0 when they were few. */
  #demand(): number {
    this.#rollWindow();
    const used = Math.max(this.#usedInWindow, this.#usedBefore);
    return used < quietBelow ? 0 : used;
  }

  #rollWindow(): void {
    const nowMs = this.#monotonicMs();
    const elapsedMs = nowMs - this.#windowBeganMs;
    if (elapsedMs < demandWindowMs) return;
    this.#usedBefore = elapsedMs < 2 * demandWindowMs ? this.#usedInWindow : 0;
    this.#usedInWindow = 0;
    this.#windowBeganMs = nowMs;
  }
}
