import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { type Buyer, captureOf, keyed } from './buyers.ts';
import type { Lab } from './lab.ts';
import type { Service } from './service.ts';

/** What buyers got who came at a rate. */
export interface CrowdTaken {
  readonly confirmedPerSecond: number;
  /** Whose turn came and who got no ticket in their patience. */
  readonly lost: number;
  readonly inLine: number;
  /** Answers of 503. */
  readonly refused: number;
  readonly pollsPerSecond: number;
  /** From asking for a seat to the hold, refusals and asking again included. */
  readonly holdP95Ms: number;
}

/** What is confirmed counts from then on, as a purchase takes some seconds. */
export const settleSeconds = 5;
/** From the turn to the confirmed order. */
const patienceMs = 15_000;
/** With a longer wait than this the page asks for the public record, which a CDN answers, instead of room-status. */
const recordWorthSec = 20;

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** Buyers who ask as the sale page does: for their place, whether it is their turn, a hold, a payment and the order. */
export function openPage(services: Lab['services']) {
  const poolOf = ({ port }: Service) =>
    new Pool(`http://127.0.0.1:${port}`, { connections: 4096, pipelining: 1 });
  const publicApi = poolOf(services['public-api']);
  const confirmApi = poolOf(services['confirm-api']);
  const counted = { confirmed: 0, lost: 0, inLine: 0, polls: 0, refused: 0, holdMs: [] as number[] };

  const get = async <Body>(pool: Pool, path: string): Promise<Answer<Body>> => {
    const { statusCode, body } = await pool.request({ method: 'GET', path });
    return { status: statusCode, body: (await body.json()) as Body };
  };
  /** Refused with 503 it asks again, as the page does: as Retry-After says, or later and later; until `byMs`. */
  const post = async <Body>(
    pool: Pool,
    path: string,
    byMs: number,
    content: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> => {
    const request = {
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(content),
    };
    for (let attempt = 0; ; attempt++) {
      const { statusCode, headers: told, body } = await pool.request({ method: 'POST', path, ...request });
      const answer = { status: statusCode, body: (await body.json()) as Body };
      if (statusCode !== 503) return answer;
      counted.refused++;
      if (performance.now() > byMs) return answer;
      const askedMs = 1000 * Number(told['retry-after'] ?? 0);
      await delay(Math.max(askedMs, Math.min(15_000, 1000 * 2 ** attempt) * (0.75 + 0.5 * Math.random())));
    }
  };

  const purchase = async ({ userId, eventId, seatId }: Buyer, token: string, byMs: number) => {
    const seats = { userId, eventId, seatIds: [seatId] };
    const askedAtMs = performance.now();
    const held = await post(publicApi, '/public/hold', byMs, { eventId, seatId }, { 'x-room-token': token });
    if (held.status !== 200) return false;
    counted.holdMs.push(performance.now() - askedAtMs);
    const intent = await post<Pick<Buyer, 'intentId' | 'amount'>>(
      confirmApi,
      '/confirm/payment-intent',
      byMs,
      seats,
      keyed(`intent-${userId}`),
    );
    if (intent.status !== 201) return false;
    const { event, headers } = captureOf(intent.body);
    await post(confirmApi, '/confirm/payment-callback', byMs, event, headers);
    const { intentId } = intent.body;
    const key = `commit-${userId}`;
    const accepted = await post(confirmApi, '/confirm/commit', byMs, { intentId, ...seats }, keyed(key));
    if (accepted.status !== 202) return false;
    for (let waitMs = 300; performance.now() < byMs; waitMs = Math.min(3000, waitMs * 1.5)) {
      await delay(waitMs);
      const { body } = await get<{ order?: { status: string } | null }>(
        confirmApi,
        `/confirm/status?idem=${key}`,
      );
      if (body.order?.status === 'CONFIRMED') return true;
      if (body.order?.status === 'REJECTED') return false;
    }
    return false;
  };

  /**
   * Buyers come at a rate; resolves when all of them have their tickets, have given up or stand in line at the end. What is
   * confirmed is counted after so many seconds and until the last of them has come.
   */
  const offer = async (
    buyers: readonly Buyer[],
    perSecond: number,
    unmeasuredSeconds: number,
  ): Promise<CrowdTaken> => {
    Object.assign(counted, { confirmed: 0, lost: 0, inLine: 0, polls: 0, refused: 0, holdMs: [] });
    const beganAtMs = performance.now();
    const comeSeconds = buyers.length / perSecond;
    const endsAtMs = beganAtMs + 1000 * comeSeconds;
    const counts = (atMs: number) => atMs >= beganAtMs + unmeasuredSeconds * 1000 && atMs <= endsAtMs;
    const buy = async (buyer: Buyer) => {
      const { userId, eventId } = buyer;
      const place = await post<{ roomToken: string; etaSec: number; pollAfterSec: number }>(
        publicApi,
        '/public/enter',
        endsAtMs,
        { userId, eventId },
      );
      if (place.status !== 200) return;
      const token = place.body.roomToken;
      // Whose turn it is already asks at once.
      let waitSec = place.body.etaSec === 0 ? 0 : place.body.pollAfterSec;
      counted.inLine++;
      for (let ready = false; !ready; ) {
        // Nobody is waited for who would stand in line beyond the end.
        await delay(Math.max(0, Math.min(waitSec * 1000, endsAtMs + 1 - performance.now())));
        if (waitSec > 0 && performance.now() > endsAtMs) return;
        counted.polls++;
        const { status, body } = await get<{ ready: boolean; leftSec: number; pollAfterSec: number }>(
          publicApi,
          `/public/room-status?token=${token}`,
        );
        if (status === 200) ({ ready } = body);
        waitSec = status === 200 ? Math.max(body.pollAfterSec, body.leftSec - recordWorthSec) : 1;
      }
      counted.inLine--;
      const byMs = performance.now() + patienceMs;
      if (!(await purchase(buyer, token, byMs))) counted.lost++;
      else if (counts(performance.now())) counted.confirmed++;
    };
    const underWay: Promise<void>[] = [];
    while (underWay.length < buyers.length) {
      const due = Math.min(buyers.length, ((performance.now() - beganAtMs) * perSecond) / 1000);
      while (underWay.length < due) underWay.push(buy(buyers[underWay.length]!));
      await delay(2);
    }
    await Promise.all(underWay);
    const { confirmed, polls, lost, inLine, refused } = counted;
    const holdMs = counted.holdMs.toSorted((one, other) => one - other);
    return {
      confirmedPerSecond: confirmed / (comeSeconds - unmeasuredSeconds),
      lost,
      inLine,
      refused,
      pollsPerSecond: polls / comeSeconds,
      holdP95Ms: holdMs[Math.floor(0.95 * holdMs.length)] ?? Number.NaN,
    };
  };

  return {
    offer,
    knows: async (eventId: string) => {
      const { status } = await get(publicApi, `/public/summary/${eventId}/S0`);
      return status === 200;
    },
    close: async () => {
      await Promise.all([publicApi.destroy(), confirmApi.destroy()]);
    },
  };
}
