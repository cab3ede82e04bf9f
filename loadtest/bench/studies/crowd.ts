import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { type Buyer, captureOf, keyed, newBuyers } from '../buyers.ts';
import { type Lab, until } from '../lab.ts';
import { openSale } from '../sales.ts';
import type { Study, StudyResult } from '../study.ts';

/** From the turn to the confirmed order. */
const patienceMs = 15_000;
const firstRate = 100;
const growth = 1.3;
const overload = 3;
/** A rate is borne where so many buyers get done as come. */
const borne = 0.95;
/** What an operator plans to admit, of the most that was measured. */
const planned = 0.9;
/** What is confirmed counts from then on, as a purchase takes a second. */
const settleSeconds = 4;
/** Buyers of the crowd come so long before it is on sale, as they do: by the time its pages are known everywhere. */
const earlySeconds = 6;
/** With a longer wait than this the page asks for the public record, which a CDN answers, instead of room-status. */
const recordWorthSec = 20;
const venue = { sections: 40, rows: 50, seatsPerRow: 100 };

/**
 * What a sale gets done that three times as many buyers come to as it can serve, through its waiting room: whole purchases, from
 * the turn to CONFIRMED, while the others stand in line and ask as the page does.
 */
export const crowdStudy: Study = {
  name: 'crowd',
  title: 'purchases at peak and with three times as many buyers, through the waiting room',
  async run(lab, plan, report) {
    const shop = await openShop(lab);
    try {
      const sale = await openSale(lab);
      let peak = 0;
      let missed = 0;
      for (let perSecond = firstRate; missed < 2; perSecond *= growth) {
        report(`crowd: ${Math.round(perSecond)} buyers a second`);
        const seconds = 2 * plan.seconds;
        const buyers = sale.take(Math.ceil(perSecond * (settleSeconds + seconds)));
        const { confirmed } = await shop.offer(buyers, perSecond, settleSeconds);
        peak = Math.max(peak, confirmed / seconds);
        missed = confirmed < perSecond * seconds * borne ? missed + 1 : 0;
      }
      const perSecond = overload * peak;
      const seconds = 10 * plan.seconds;
      const ratePerSecond = Math.max(1, Math.floor(planned * peak));
      const opensAtMs = Date.now() + 1000 * earlySeconds;
      await lab.publish({ eventId: 'bench-crowd', venue, opensAtMs, ratePerSecond });
      await until('the crowd’s event to be known', () => shop.knows('bench-crowd'));
      const unmeasured = settleSeconds + Math.max(0, opensAtMs - Date.now()) / 1000;
      const comeSeconds = unmeasured + seconds;
      const buyers = newBuyers('bench-crowd', venue, 0, Math.ceil(perSecond * comeSeconds));
      report(`crowd: ${Math.round(perSecond)} buyers a second`);
      const crowd = await shop.offer(buyers, perSecond, unmeasured);
      return [
        {
          'peak purchases/s': Math.round(peak),
          'then buyers/s': Math.round(perSecond),
          'admitted/s': ratePerSecond,
          'purchases/s': Math.round(crowd.confirmed / seconds),
          'of peak': `${Math.round((100 * crowd.confirmed) / seconds / peak)} %`,
          'turn in vain': crowd.lost,
          'in line at the end': crowd.inLine,
          'polls/s': Math.round(crowd.polls / comeSeconds),
        },
      ] satisfies StudyResult;
    } finally {
      await shop.close();
    }
  },
};

/** As in a deployment: admission follows what the services say of themselves, and they refuse what they cannot keep up with. */
const deployed = {
  ADMISSION_STEERED: 'true',
  POD_BUYERS_PER_SEC: '100000',
  SHED_REQUESTS_IN_FLIGHT: '500',
};

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

async function openShop(lab: Lab) {
  const services = {
    publicApi: await lab.start('public-api', undefined, deployed),
    confirmApi: await lab.start('confirm-api', undefined, deployed),
    worker: await lab.start('confirm-worker', undefined, deployed),
  };
  const poolOf = ({ port }: { readonly port: number }) =>
    new Pool(`http://127.0.0.1:${port}`, { connections: 4096, pipelining: 1 });
  const publicApi = poolOf(services.publicApi);
  const confirmApi = poolOf(services.confirmApi);

  const get = async <Body>(pool: Pool, path: string): Promise<Answer<Body>> => {
    const { statusCode, body } = await pool.request({ method: 'GET', path });
    return { status: statusCode, body: (await body.json()) as Body };
  };
  /** Refused with 503 it asks again, as the page does: a second later, as `Retry-After` says, or later and later; until `byMs`. */
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
      const { statusCode, body } = await pool.request({ method: 'POST', path, ...request });
      const answer = { status: statusCode, body: (await body.json()) as Body };
      if (statusCode !== 503 || performance.now() > byMs) return answer;
      await delay(Math.max(1000, Math.min(15_000, 1000 * 2 ** attempt) * (0.75 + 0.5 * Math.random())));
    }
  };

  const purchase = async ({ userId, eventId, seatId }: Buyer, token: string, byMs: number) => {
    const seats = { userId, eventId, seatIds: [seatId] };
    const held = await post(publicApi, '/public/hold', byMs, { eventId, seatId }, { 'x-room-token': token });
    if (held.status !== 200) return false;
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
  const offer = async (buyers: readonly Buyer[], perSecond: number, unmeasuredSeconds: number) => {
    const beganAtMs = performance.now();
    const endsAtMs = beganAtMs + (buyers.length * 1000) / perSecond;
    const counted = { confirmed: 0, lost: 0, inLine: 0, polls: 0 };
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
    return counted;
  };

  return {
    offer,
    knows: async (eventId: string) => {
      const { status } = await get(publicApi, `/public/summary/${eventId}/S0`);
      return status === 200;
    },
    close: async () => {
      await Promise.all([publicApi.destroy(), confirmApi.destroy()]);
      for (const { child } of Object.values(services)) await child.stop();
    },
  };
}
