import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { holdMs, type Peer, type PeerStores } from './peer.ts';

/** So that a process that died does not stop the sale. */
const lockMs = 3000;
const leastPauseMs = 2;
const mostPauseMs = 20;

const unlock = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** One lock for the event (SET NX with a time to live); whoever has it reads the seat, looks, and writes it. */
export function createEventLockPeer({ redisUrl }: PeerStores): Peer {
  const redis = new Redis(redisUrl);

  const locked = async <Result>(eventId: string, work: () => Promise<Result>): Promise<Result> => {
    const key = `peer-lock:${eventId}`;
    const token = randomUUID();
    while ((await redis.set(key, token, 'PX', lockMs, 'NX')) === null) {
      // With jitter, as such locks advise: what failed together must not come back together.
      await delay(leastPauseMs + Math.random() * (mostPauseMs - leastPauseMs));
    }
    try {
      return await work();
    } finally {
      await redis.eval(unlock, 1, key, token);
    }
  };

  return {
    open: async () => undefined,
    hold: (eventId, seatId, userId) =>
      locked(eventId, async () => {
        const key = `peer-seats:${eventId}`;
        const known = await redis.hget(key, seatId);
        if (known && (JSON.parse(known) as { untilMs: number }).untilMs > Date.now()) return 'taken';
        await redis.hset(key, seatId, JSON.stringify({ userId, untilMs: Date.now() + holdMs }));
        return 'held';
      }),
  };
}
