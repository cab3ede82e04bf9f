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

/** A {@link Clock} that reads Redis TIME once a second. */
export class RedisClock implements Clock {
  readonly #redis: RedisClient;
  #offsetMs = Date.now() - performance.now();
  #halfRoundTripMs = Number.POSITIVE_INFINITY;
  #readAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  /** Takes a first reading, then one a second. Failed readings leave the offset and let the doubt grow. */
  async start(): Promise<void> {
    await this.#read();
    this.#timer = setInterval(() => void this.#read().catch(() => undefined), 1000);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  nowMs(): number {
    return Math.round(performance.now() + this.#offsetMs);
  }

  doubtMs(): number {
    return this.#halfRoundTripMs + (performance.now() - this.#readAt) * driftPerMs;
  }

  async #read(): Promise<void> {
    const sentAt = performance.now();
    const [seconds, microseconds] = (await this.#redis.time()) as unknown as [
      string | number,
      string | number,
    ];
    const receivedAt = performance.now();
    const halfRoundTripMs = (receivedAt - sentAt) / 2;
    // A reading taken under load says little: keep the better one until drift has made it the worse.
    if (halfRoundTripMs > this.doubtMs()) return;
    this.#offsetMs = Number(seconds) * 1000 + Number(microseconds) / 1000 - (receivedAt - halfRoundTripMs);
    this.#halfRoundTripMs = halfRoundTripMs;
    this.#readAt = receivedAt;
  }
}
