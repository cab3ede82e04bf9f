import type { RedisClient } from './redis.ts';

/** The one clock every decision about time goes by: Redis TIME, carried on by the process's monotonic clock. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** How far off {@link nowMs} may be, in milliseconds; grows while the server is away. */
  doubtMs(): number;
}

/** Beyond this much doubt a process takes itself out of service. */
export const maxClockDoubtMs = 250;

/** Quartz drifts by up to about 100 ppm; doubt grows by twice that between two readings. */
const driftPerMs = 0.0002;

export interface RedisClockOptions {
  /** How long {@link RedisClock.start} tries for a first reading. Default 10 s. */
  readonly firstReadingDeadlineMs?: number;
  readonly intervalMs?: number;
  /** Monotonic milliseconds. */
  readonly monotonicMs?: () => number;
}

/**
 * A {@link Clock} that reads Redis TIME once a second. Of a cluster it asks one node or another: their clocks agree to a
 * millisecond or two by NTP, which the doubt does not show.
 */
export class RedisClock implements Clock {
  readonly #redis: Pick<RedisClient, 'time'>;
  readonly #monotonicMs: () => number;
  readonly #intervalMs: number;
  readonly #firstReadingDeadlineMs: number;
  #offsetMs: number;
  #halfRoundTripMs = Number.POSITIVE_INFINITY;
  #readAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(redis: Pick<RedisClient, 'time'>, options: RedisClockOptions = {}) {
    this.#redis = redis;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#intervalMs = options.intervalMs ?? 1000;
    this.#firstReadingDeadlineMs = options.firstReadingDeadlineMs ?? 10_000;
    this.#offsetMs = Date.now() - this.#monotonicMs();
  }

  /**
   * Takes a first reading, trying for a while, then one a second. Failed readings leave the offset and let the doubt grow.
   * Rejects when there was no first reading: what time it is would be a guess.
   */
  async start(): Promise<void> {
    const giveUpAtMs = performance.now() + this.#firstReadingDeadlineMs;
    for (;;) {
      try {
        await this.#read();
        break;
      } catch (error) {
        if (this.#stopped || performance.now() >= giveUpAtMs) {
          throw new Error('Redis did not tell the time', { cause: error });
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    this.#timer = setInterval(() => void this.#read().catch(() => undefined), this.#intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  nowMs(): number {
    return Math.round(this.#monotonicMs() + this.#offsetMs);
  }

  doubtMs(): number {
    return this.#halfRoundTripMs + (this.#monotonicMs() - this.#readAt) * driftPerMs;
  }

  async #read(): Promise<void> {
    const sentAt = this.#monotonicMs();
    const [seconds, microseconds] = (await this.#redis.time()) as unknown as [
      string | number,
      string | number,
    ];
    const receivedAt = this.#monotonicMs();
    const halfRoundTripMs = (receivedAt - sentAt) / 2;
    const offsetMs = Number(seconds) * 1000 + Number(microseconds) / 1000 - (receivedAt - halfRoundTripMs);
    // A reading taken under load says little: keep the better one until drift has made it the worse. Unless they
    // contradict each other: then the server's clock was set, or another server took over.
    const doubtMs = this.doubtMs();
    const contradicts = Math.abs(offsetMs - this.#offsetMs) > halfRoundTripMs + doubtMs;
    if (halfRoundTripMs > doubtMs && !contradicts) return;
    this.#offsetMs = offsetMs;
    this.#halfRoundTripMs = halfRoundTripMs;
    this.#readAt = receivedAt;
  }
}
