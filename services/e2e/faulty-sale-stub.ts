import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How the stub is bad at selling tickets. */
export interface Faults {
  /** Whoever asks holds the seat, and every order is confirmed. */
  readonly sellsTwice: boolean;
  /** A confirmed order is not among the buyer's own. */
  readonly forgets: boolean;
  /** Before the answer to a summary, milliseconds. */
  readonly summaryAfterMs: number;
}

/** A sale that speaks the wire and has no scruples, on a free port of loopback. */
export async function startFaultySale(faults: Faults): Promise<{ url: string; close: () => Promise<void> }> {
  const holders = new Map<string, string>();
  const orders = new Map<string, { orderId: string; userId: string; status: string; seatIds: string[] }>();
  const sold = new Set<string>();

  const answer = async (method: string, url: URL, token: string, key: string, body: any) => {
    switch (`${method} ${url.pathname.split('/').slice(0, 3).join('/')}`) {
      case 'POST /public/enter':
        return [200, { roomToken: body.userId, position: 0, etaSec: 0 }];
      case 'GET /public/room-status':
        return [200, { ready: true, leftSec: 0, pollAfterSec: 1 }];
      case 'GET /public/summary':
        await delay(faults.summaryAfterMs);
        return [200, { seatsAvailable: 1 }];
      case 'GET /public/seats': {
        const eventId = url.pathname.split('/')[3];
        const seat = (column: number) => (sold.has(`${eventId} R1C${column}`) ? 's' : 'f');
        const seats = Array.from({ length: 4 }, (_, index) => seat(index + 1)).join('');
        return [200, { eventId, sections: [{ id: 'LAST', seats }] }];
      }
      case 'POST /public/hold': {
        const seat = `${body.eventId} ${body.seatId}`;
        const isFree = faults.sellsTwice || !holders.has(seat);
        if (!isFree) return [409, { error: 'seat_already_held_or_sold', message: 'taken' }];
        holders.set(seat, token);
        return [200, { holdId: 'hold', expiresAt: new Date(Date.now() + 60_000).toISOString() }];
      }
      case 'POST /confirm/payment-intent':
        return [201, { intentId: `intent-${key}`, amount: 1000 }];
      case 'GET /confirm/payment-intent':
        return [200, { payment: { status: 'CAPTURED' } }];
      case 'POST /confirm/commit':
        for (const seatId of body.seatIds) sold.add(`${body.eventId} ${seatId}`);
        orders.set(key, { ...body, orderId: `order-${key}`, status: 'CONFIRMED' });
        return [202, { accepted: true, status: 'PROCESSING', idem: key }];
      case 'GET /confirm/status':
        return [200, { order: orders.get(url.searchParams.get('idem')!) ?? null, payment: null }];
      case 'GET /confirm/orders': {
        const mine = [...orders.values()].filter(({ userId }) => userId === url.searchParams.get('userId'));
        return [200, { orders: faults.forgets ? [] : mine }];
      }
      default:
        return [404, { error: 'not_found', message: url.pathname }];
    }
  };

  const server = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const { 'x-room-token': token, 'idempotency-key': key } = request.headers;
      const url = new URL(request.url!, 'http://stub');
      const body = text === '' ? undefined : JSON.parse(text);
      const [status, json] = await answer(request.method!, url, String(token), String(key), body);
      response.writeHead(Number(status), { 'content-type': 'application/json' }).end(JSON.stringify(json));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
