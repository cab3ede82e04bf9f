import { setTimeout as delay } from 'node:timers/promises';
import type { Answered } from './history.ts';
import { monotonicNowMs } from './history.ts';
import type { RecordedClient } from './recorded-client.ts';
import { signedCallback } from './recorded-client.ts';
import type { SeededRandom } from '@onsale/platform/seeded-random';

/** What a shopper knows of an event before coming. */
export interface Offer {
  readonly eventId: string;
  readonly sections: readonly { readonly id: string; readonly seatIds: readonly string[] }[];
}

export interface ShopperOptions {
  readonly client: RecordedClient;
  readonly random: SeededRandom;
  readonly userId: string;
  readonly offer: Offer;
  readonly webhookSecret: string;
  readonly paymentProviderUrl: string;
  /** Ends waiting and repeating. */
  readonly signal: AbortSignal;
}

export interface Held {
  readonly holdId: string;
  readonly seatIds: readonly string[];
  readonly expiresAtMs: number;
}

/** How often a refused request is repeated before a buyer loses heart. */
const tries = 12;

/** One buyer of one event. Answers that say "try again" are obeyed; all others are taken for what they say. */
export class Shopper {
  readonly options: ShopperOptions;
  readonly random: SeededRandom;
  readonly userId: string;
  readonly offer: Offer;
  roomToken = '';

  constructor(options: ShopperOptions) {
    this.options = options;
    this.random = options.random;
    this.userId = options.userId;
    this.offer = options.offer;
  }

  async pause(leastMs: number, mostMs = leastMs): Promise<void> {
    await delay(this.random.between(leastMs, mostMs), undefined, { signal: this.options.signal });
  }

  /** Repeats what answers 503, 429 or not at all, after what Retry-After says, a second at the most. */
  async insist(send: () => Promise<Answered>): Promise<Answered> {
    for (let attempt = 1; ; attempt++) {
      const answer = await send();
      const isTransient = answer.status === 'unknown' || answer.status === 503 || answer.status === 429;
      if (!isTransient || attempt === tries || this.options.signal.aborted) return answer;
      const seconds = answer.status === 'unknown' ? 0 : Number(answer.retryAfter ?? 0);
      await this.pause(50, 50 + Math.min(1000, seconds * 1000));
    }
  }

  enter(): Promise<Answered> {
    const asked = { kind: 'enter', userId: this.userId, eventId: this.offer.eventId } as const;
    return this.options.client.send(asked, 'POST', '/public/enter', {
      body: { userId: asked.userId, eventId: asked.eventId },
    });
  }

  /** Enters and waits for the turn; false when that takes too long. */
  async awaitTurn(withinMs = 15_000): Promise<boolean> {
    const entered = await this.insist(() => this.enter());
    if (entered.status !== 200) return false;
    this.roomToken = String(entered.body['roomToken']);
    const deadline = monotonicNowMs() + withinMs;
    while (monotonicNowMs() < deadline) {
      const asked = { kind: 'room-status', userId: this.userId, eventId: this.offer.eventId } as const;
      const path = `/public/room-status?token=${encodeURIComponent(this.roomToken)}`;
      const answer = await this.options.client.send(asked, 'GET', path);
      if (answer.status === 200 && answer.body['ready'] === true) return true;
      await this.pause(100, 250);
    }
    return false;
  }

  hold(
    wanted:
      | { readonly seatIds: readonly string[] }
      | { readonly section: string; readonly seatCount: number },
    foreignToken?: string,
  ): Promise<Answered> {
    const { eventId } = this.offer;
    const asked = {
      ...({ kind: 'hold', userId: this.userId, eventId } as const),
      ...wanted,
      ...(foreignToken === undefined ? {} : { foreignToken: true as const }),
    };
    const isOne = 'seatIds' in wanted && wanted.seatIds.length === 1;
    return this.options.client.send(asked, 'POST', '/public/hold', {
      body: { eventId, ...(isOne ? { seatId: wanted.seatIds[0] } : wanted) },
      headers: { 'x-room-token': foreignToken ?? this.roomToken },
    });
  }

  /** Holds what is wanted, or something else when that is taken; undefined when nothing is to be had. */
  async holdSomething(choose: () => Parameters<Shopper['hold']>[0]): Promise<Held | undefined> {
    for (let attempt = 0; attempt < 4 && !this.options.signal.aborted; attempt++) {
      const answer = await this.insist(() => this.hold(choose()));
      if (answer.status === 200) return heldOf(answer.body);
      if (answer.status !== 409) return undefined;
      await this.pause(10, 80);
    }
    return undefined;
  }

  release(seatIds: readonly string[], proof: { holdId?: string; byToken?: boolean }): Promise<Answered> {
    const { eventId } = this.offer;
    const isBare = proof.holdId === undefined && !proof.byToken;
    const asked = {
      ...({ kind: 'release', userId: this.userId, eventId, seatIds } as const),
      ...(isBare ? { withoutProof: true as const } : {}),
    };
    return this.options.client.send(asked, 'POST', '/public/release', {
      body: { eventId, seatIds, ...(proof.holdId === undefined ? {} : { holdId: proof.holdId }) },
      headers: proof.byToken ? { 'x-room-token': this.roomToken } : {},
    });
  }

  intent(seatIds: readonly string[], key: string): Promise<Answered> {
    const { eventId } = this.offer;
    const asked = { kind: 'intent', userId: this.userId, eventId, seatIds, key } as const;
    return this.options.client.send(asked, 'POST', '/confirm/payment-intent', {
      body: { userId: this.userId, eventId, seatIds },
      headers: { 'idempotency-key': key },
    });
  }

  commit(intentId: string, seatIds: readonly string[], key: string): Promise<Answered> {
    const { eventId } = this.offer;
    const asked = { kind: 'commit', userId: this.userId, eventId, intentId, seatIds, key } as const;
    return this.options.client.send(asked, 'POST', '/confirm/commit', {
      body: { intentId, eventId, seatIds, userId: this.userId },
      headers: { 'idempotency-key': key },
    });
  }

  status(key: string): Promise<Answered> {
    const path = `/confirm/status?idem=${encodeURIComponent(key)}`;
    return this.options.client.send({ kind: 'status', key }, 'GET', path);
  }

  /** Polls until the order is decided; undefined when that takes too long. */
  async awaitOrder(key: string, withinMs = 12_000): Promise<{ orderId: string; status: string } | undefined> {
    const deadline = monotonicNowMs() + withinMs;
    while (monotonicNowMs() < deadline && !this.options.signal.aborted) {
      const answer = await this.status(key);
      if (answer.status === 200) {
        const order = answer.body['order'] as { orderId: string; status: string } | null;
        if (order && order.status !== 'PROCESSING') return order;
      }
      await this.pause(40, 150);
    }
    return undefined;
  }

  cancel(orderId: string, ticketIds?: readonly string[]): Promise<Answered> {
    const asked = { kind: 'cancel', userId: this.userId, orderId } as const;
    return this.options.client.send(asked, 'POST', `/confirm/orders/${orderId}/cancel`, {
      body: { userId: this.userId, ...(ticketIds ? { ticketIds } : {}) },
    });
  }

  /** The provider's event about a payment once more, if it was captured: an event nobody sent would be another's lie. */
  async repeatCallback(intentId: string): Promise<void> {
    const { client, paymentProviderUrl, webhookSecret } = this.options;
    const answer = await fetch(`${paymentProviderUrl}/payments/${intentId}`);
    const payment = (await answer.json()) as { status?: string; amount?: number };
    if (payment.status !== 'captured') return;
    const paymentId = `pay_${intentId}`;
    const body = { type: 'payment.captured', intentId, paymentId, amount: payment.amount };
    const headers = signedCallback(webhookSecret, JSON.stringify(body));
    const asked = { kind: 'callback', intentId, paymentId } as const;
    await client.send(asked, 'POST', '/confirm/payment-callback', { body, headers });
  }

  /** Some seats of one section: neighbours, as people ask for them. */
  chooseSeats(count: number): { readonly seatIds: readonly string[] } {
    const { seatIds } = this.random.pick(this.offer.sections);
    const first = this.random.between(0, Math.max(0, seatIds.length - count));
    return { seatIds: seatIds.slice(first, first + count) };
  }

  key(what: string): string {
    return `${what}-${this.userId}-${this.random.letters(6)}`;
  }
}

export function heldOf(body: Readonly<Record<string, unknown>>): Held {
  return {
    holdId: String(body['holdId']),
    seatIds: body['seatIds'] as string[],
    expiresAtMs: Date.parse(String(body['expiresAt'])),
  };
}
