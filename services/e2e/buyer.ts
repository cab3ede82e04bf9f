import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request, type Dispatcher } from 'undici';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: any;
}

const agent = new Agent({ connections: 200, keepAliveTimeout: 30_000 });

/** Sends one request as any HTTP client would; a connection that breaks rejects. */
export async function call(
  base: string,
  method: Dispatcher.HttpMethod,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { body, headers = {} } = options;
  const answer = await request(base + path, {
    method,
    dispatcher: agent,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  const isJson = String(answer.headers['content-type'] ?? '').includes('json');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: isJson && text ? JSON.parse(text) : text,
  };
}

/** One buyer of one event, who speaks the contract and nothing else. */
export class Buyer {
  readonly base: string;
  readonly userId: string;
  readonly eventId: string;
  roomToken = '';
  readonly #headers: Record<string, string>;

  constructor(
    base: string,
    eventId: string,
    userId = `buyer-${randomUUID().slice(0, 13)}`,
    bearerToken?: string,
  ) {
    this.base = base;
    this.eventId = eventId;
    this.userId = userId;
    this.#headers = bearerToken === undefined ? {} : { authorization: `Bearer ${bearerToken}` };
  }

  async enter(): Promise<Answer> {
    const answer = await call(this.base, 'POST', '/public/enter', {
      body: { userId: this.userId, eventId: this.eventId },
      headers: this.#headers,
    });
    if (answer.status === 200) this.roomToken = answer.body.roomToken;
    return answer;
  }

  roomStatus(): Promise<Answer> {
    return call(this.base, 'GET', `/public/room-status?token=${encodeURIComponent(this.roomToken)}`);
  }

  /** Enters and waits for the turn. */
  async awaitTurn(deadlineMs = 60_000): Promise<void> {
    await until('the buyer may enter', deadlineMs, async () => (await this.enter()).status === 200);
    await until('the turn', deadlineMs, async () => (await this.roomStatus()).body.ready === true);
  }

  hold(
    request: { seatId: string } | { seatIds: string[] } | { section: string; seatCount: number },
  ): Promise<Answer> {
    return call(this.base, 'POST', '/public/hold', {
      body: { eventId: this.eventId, ...request },
      headers: { 'x-room-token': this.roomToken },
    });
  }

  release(seatId: string, proof: { holdId?: string; roomToken?: string }): Promise<Answer> {
    return call(this.base, 'POST', '/public/release', {
      body: { eventId: this.eventId, seatId, ...(proof.holdId ? { holdId: proof.holdId } : {}) },
      headers: proof.roomToken ? { 'x-room-token': proof.roomToken } : {},
    });
  }

  intent(seatIds: string[], key = `intent-${randomUUID()}`): Promise<Answer> {
    return call(this.base, 'POST', '/confirm/payment-intent', {
      body: { userId: this.userId, eventId: this.eventId, seatIds },
      headers: { ...this.#headers, 'idempotency-key': key },
    });
  }

  commit(intentId: string, seatIds: string[], key: string): Promise<Answer> {
    return call(this.base, 'POST', '/confirm/commit', {
      body: { intentId, eventId: this.eventId, seatIds, userId: this.userId },
      headers: { ...this.#headers, 'idempotency-key': key },
    });
  }

  status(key: string): Promise<Answer> {
    return call(this.base, 'GET', `/confirm/status?idem=${encodeURIComponent(key)}`);
  }

  /** Polls until the order is decided; resolves with the whole status answer. */
  async awaitOrder(key: string, deadlineMs = 60_000): Promise<any> {
    let body: any;
    await until(`a terminal order for ${key}`, deadlineMs, async () => {
      const answer = await this.status(key);
      body = answer.body;
      return answer.status === 200 && body.order !== null && body.order.status !== 'PROCESSING';
    });
    return body;
  }

  /** The whole purchase after the turn has come; resolves with the status answer. */
  async buy(seatIds: string[]): Promise<any> {
    const held = await this.hold({ seatIds });
    if (held.status !== 200) throw new Error(`hold: ${held.status} ${JSON.stringify(held.body)}`);
    const intent = await this.intent(seatIds);
    if (intent.status !== 201) throw new Error(`intent: ${intent.status} ${JSON.stringify(intent.body)}`);
    const key = `commit-${randomUUID()}`;
    const committed = await this.commit(intent.body.intentId, seatIds, key);
    if (committed.status !== 202) {
      throw new Error(`commit: ${committed.status} ${JSON.stringify(committed.body)}`);
    }
    return this.awaitOrder(key);
  }
}

/** Polls a condition; a probe that rejects counts as "not yet". */
export async function until(what: string, deadlineMs: number, probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      if (await probe()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const why = last instanceof Error ? ` (${last.message})` : '';
      throw new Error(`${what}: not within ${deadlineMs} ms${why}`, { cause: last });
    }
    await delay(50);
  }
}
