import { setTimeout as delay } from 'node:timers/promises';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import { localSecrets } from '@onsale/local/local-secrets';
import type { History } from './history.ts';
import { createRecordedClient } from './recorded-client.ts';
import { scenarios, type ScenarioName } from './scenarios.ts';
import type { SeededRandom } from '@onsale/platform/seeded-random';
import { heldOf, type Offer, Shopper } from './shopper.ts';

export interface LoadOptions {
  readonly url: string;
  readonly paymentProviderUrl: string;
  readonly history: History;
  readonly random: SeededRandom;
  /** Buyers at any time. */
  readonly buyers: number;
  readonly mix: Readonly<Partial<Record<ScenarioName, number>>>;
  /** Which event buyers come for just now. */
  readonly offer: () => Offer;
  /** Of unseated tickets; absent: nobody asks for any. */
  readonly crowdEventId?: string | undefined;
}

/** Buyers who come and go. */
export interface Load {
  /** Nobody new comes; resolves when the last has left. */
  stop(): Promise<void>;
}

/** Starts the load: each buyer follows a scenario drawn by the seed, and is followed by another. */
export function startLoad(options: LoadOptions): Load {
  const { url, paymentProviderUrl, history, random, buyers, mix, offer, crowdEventId } = options;
  const client = createRecordedClient(url, history);
  const leaving = new AbortController();
  const names = Object.entries(mix).flatMap(([name, weight]) =>
    Array.from({ length: weight }, () => name as ScenarioName),
  );
  const { signal } = leaving;
  const common = {
    ...{ client, paymentProviderUrl, signal },
    webhookSecret: localSecrets.paymentWebhookSecret,
  };
  let stopped = false;

  const come = async (seat: number) => {
    const own = random.fork(`buyers ${seat}`);
    await delay(own.between(0, 300));
    for (let visit = 0; !stopped; visit++) {
      const userId = `buyer-${seat}-${visit}`;
      const scenario = scenarios[own.pick(names)];
      const draw = random.fork(userId);
      try {
        await scenario(new Shopper({ ...common, random: draw, userId, offer: offer() }));
        await delay(own.between(0, 100), undefined, { signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  };

  const crowd = async (place: number) => {
    const own = random.fork(`crowd ${place}`);
    for (let visit = 0; !stopped && crowdEventId !== undefined; visit++) {
      // Few names, so that limits are met.
      const userId = `crowd-${own.between(0, 60)}`;
      const token = await issueLocalToken({
        ...{ userId, roles: ['buyer'], key: localSecrets.jwtKey, ttlSeconds: 600 },
      });
      const headers = { authorization: `Bearer ${token}` };
      const key = `reserve-${place}-${visit}`;
      const quantity = own.between(1, 3);
      const reserve = () =>
        client.send(
          { kind: 'reserve', userId, eventId: crowdEventId, quantity, key },
          'POST',
          '/api/reservations',
          { body: { eventId: crowdEventId, quantity }, headers: { ...headers, 'idempotency-key': key } },
        );
      let [answer] = await Promise.all(own.chance(0.2) ? [reserve(), reserve()] : [reserve()]);
      if (answer.status === 'unknown' || answer.status === 503) answer = await reserve();
      if (answer.status === 201 && own.chance(0.5)) {
        const reservationId = Number(answer.body['id']);
        const cancel = () =>
          client.send(
            { kind: 'cancel-reservation', userId, reservationId },
            'DELETE',
            `/api/reservations/${reservationId}`,
            { headers },
          );
        await Promise.all(own.chance(0.3) ? [cancel(), cancel()] : [cancel()]);
      }
      await delay(own.between(50, 250));
    }
  };

  // Somebody who was admitted before anything went wrong, and asks again and again: when are seats given out once more? Those
  // who come later also wait for their turn, which says nothing of the seats.
  const probe = async () => {
    for (let visit = 0; !stopped; visit++) {
      const current = offer();
      const userId = `probe-${visit}`;
      const shopper = new Shopper({ ...common, random: random.fork(userId), userId, offer: current });
      try {
        if (!(await shopper.awaitTurn())) continue;
        while (!stopped && offer().eventId === current.eventId) {
          const answer = await shopper.hold({ section: current.sections[0]!.id, seatCount: 1 });
          if (answer.status === 200) {
            const { holdId, seatIds } = heldOf(answer.body);
            await shopper.release(seatIds, { holdId });
          }
          if (answer.status === 401) break;
          await shopper.pause(100, 200);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  };

  const watch = async () => {
    while (!stopped) {
      const { eventId } = offer();
      await Promise.all([
        client.send({ kind: 'seats', eventId }, 'GET', `/public/seats/${eventId}`),
        client.send({ kind: 'room-record', eventId }, 'GET', `/public/room/${eventId}`),
      ]);
      await delay(400);
    }
  };

  const running = Promise.all([
    ...Array.from({ length: buyers }, (_, seat) => come(seat)),
    ...(crowdEventId === undefined ? [] : [crowd(0), crowd(1)]),
    probe(),
    watch(),
  ]);
  // Reported by stop(), which somebody will call.
  running.catch(() => undefined);
  return {
    async stop() {
      stopped = true;
      // Time to see a purchase through; after that nobody is waited for.
      const patience = setTimeout(() => leaving.abort(), 4000);
      try {
        await running;
      } finally {
        clearTimeout(patience);
        await client.close();
      }
    },
  };
}
