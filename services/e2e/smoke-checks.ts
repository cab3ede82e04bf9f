import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export interface SmokeTarget {
  readonly base: string;
  readonly eventId: string;
  readonly userId: string;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Signs a payment callback's body; undefined when the provider behind the deployment captures by itself. */
  readonly sign: ((body: string) => string) | undefined;
}

interface SmokeCheck {
  readonly name: string;
  /** Rejects with what is wrong; may resolve with a detail worth printing. */
  run(): Promise<string | undefined>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, any>;
}

/** The checks in order; later ones use what earlier ones found, and say so when it is missing. */
export function smokeChecks(target: SmokeTarget): SmokeCheck[] {
  const { eventId, userId } = target;
  const state: { section?: string; seatId?: string; roomToken?: string; intentId?: string; amount?: number } =
    {};
  const idem = `smoke-${randomUUID()}`;

  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(target.base + path, {
      method,
      headers: {
        ...target.headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? {} : JSON.parse(text),
    } as Answer;
  };
  const expectStatus = (answer: Answer, ...statuses: number[]): Answer => {
    if (!statuses.includes(answer.status)) {
      throw new Error(
        `status ${answer.status} ${JSON.stringify(answer.body)}, expected ${statuses.join(' or ')}`,
      );
    }
    return answer;
  };
  const until = async (what: string, probe: () => Promise<boolean>) => {
    const deadline = performance.now() + target.timeoutMs;
    while (!(await probe())) {
      if (performance.now() > deadline) throw new Error(`${what}: not within ${target.timeoutMs / 1000} s`);
      await delay(200);
    }
  };
  const needed = <T>(value: T | undefined, check: string): T => {
    if (value === undefined) throw new Error(`not run: "${check}" failed`);
    return value;
  };

  return [
    ...['/public/health', '/confirm/health'].map((path) => ({
      name: `health ${path}`,
      async run() {
        const { body } = expectStatus(await call('GET', path), 200);
        if (body['ok'] !== true || !Number.isInteger(body['ts'])) throw new Error(JSON.stringify(body));
        return undefined;
      },
    })),
    {
      name: 'health /api/health',
      async run() {
        const { body } = expectStatus(await call('GET', '/api/health'), 200);
        return `database ${body['database']}, redis ${body['redis']}`;
      },
    },
    {
      name: 'seat map with cache headers and ETag',
      async run() {
        const path = `/public/seats/${eventId}`;
        const seats = expectStatus(await call('GET', path), 200);
        const cacheControl = seats.headers.get('cache-control') ?? '';
        if (!/max-age=\d+/.test(cacheControl)) throw new Error(`cache-control is "${cacheControl}"`);
        const etag = seats.headers.get('etag');
        if (!etag) throw new Error('no ETag');
        expectStatus(await call('GET', path, undefined, { 'if-none-match': etag }), 304, 200);
        for (const section of seats.body['sections']) {
          const free = (section.seats as string).lastIndexOf('f');
          if (free < 0) continue;
          state.section = section.id;
          state.seatId = `R${section.firstRow + Math.floor(free / section.seatsPerRow)}C${(free % section.seatsPerRow) + 1}`;
        }
        return `${cacheControl}; free seat ${state.seatId ?? 'none'}`;
      },
    },
    {
      name: 'summary of a section',
      async run() {
        const section = needed(state.section, 'seat map with cache headers and ETag');
        const answer = expectStatus(await call('GET', `/public/summary/${eventId}/${section}`), 200);
        if (!Number.isInteger(answer.body['seatsAvailable'])) throw new Error(JSON.stringify(answer.body));
        return `${answer.body['seatsAvailable']} free in ${section}`;
      },
    },
    {
      name: 'errors are not cached',
      async run() {
        const answer = expectStatus(await call('GET', '/public/seats/no-such-event'), 404);
        if (answer.headers.get('cache-control') !== 'no-store') {
          throw new Error(`cache-control is "${answer.headers.get('cache-control')}"`);
        }
        if (Object.keys(answer.body).sort().join() !== 'error,message') {
          throw new Error(JSON.stringify(answer.body));
        }
        return undefined;
      },
    },
    {
      name: 'the waiting room lets the buyer in',
      async run() {
        const entered = expectStatus(await call('POST', '/public/enter', { userId, eventId }), 200);
        const token = String(entered.body['roomToken']);
        await until('the turn', async () => {
          const status = await call('GET', `/public/room-status?token=${encodeURIComponent(token)}`);
          return expectStatus(status, 200).body['ready'] === true;
        });
        state.roomToken = token;
        return undefined;
      },
    },
    {
      name: 'a seat is held',
      async run() {
        const seatId = needed(state.seatId, 'seat map with cache headers and ETag');
        const token = needed(state.roomToken, 'the waiting room lets the buyer in');
        const held = await call('POST', '/public/hold', { eventId, seatId }, { 'x-room-token': token });
        return `until ${expectStatus(held, 200).body['expiresAt']}`;
      },
    },
    {
      name: 'a payment intent, the same when repeated',
      async run() {
        const seatIds = [needed(state.seatId, 'a seat is held')];
        const key = { 'idempotency-key': `intent-${idem}` };
        const created = await call('POST', '/confirm/payment-intent', { userId, eventId, seatIds }, key);
        expectStatus(created, 201);
        const repeated = await call('POST', '/confirm/payment-intent', { userId, eventId, seatIds }, key);
        expectStatus(repeated, 200);
        if (repeated.body['intentId'] !== created.body['intentId']) throw new Error('another intent');
        state.intentId = created.body['intentId'];
        state.amount = created.body['amount'];
        return `amount ${state.amount}`;
      },
    },
    {
      name: 'the order goes through the worker and is CONFIRMED',
      async run() {
        const seatIds = [needed(state.seatId, 'a seat is held')];
        const intentId = needed(state.intentId, 'a payment intent, the same when repeated');
        if (target.sign) {
          const event = {
            type: 'payment.captured',
            intentId,
            paymentId: `smoke-${intentId}`,
            amount: state.amount,
          };
          const body = JSON.stringify(event);
          const signature = { 'x-onsale-signature': target.sign(body) };
          expectStatus(await call('POST', '/confirm/payment-callback', body, signature), 200);
        }
        const committed = await call(
          'POST',
          '/confirm/commit',
          { intentId, eventId, seatIds, userId },
          { 'idempotency-key': idem },
        );
        expectStatus(committed, 202);
        let order: Record<string, any> | null = null;
        await until('a terminal order', async () => {
          const status = await call('GET', `/confirm/status?idem=${idem}`);
          order = expectStatus(status, 200).body['order'];
          return order !== null && order['status'] !== 'PROCESSING';
        });
        const ended = order as Record<string, any> | null;
        if (ended?.['status'] !== 'CONFIRMED') throw new Error(JSON.stringify(ended));
        const cancelled = await call('POST', `/confirm/orders/${ended['orderId']}/cancel`, { userId });
        expectStatus(cancelled, 200);
        return `order ${ended['orderId']}, cancelled and refunded again`;
      },
    },
  ];
}
