import { send, type Call } from './send.ts';
import type {
  CancelledOrder,
  Entered,
  HeldSeats,
  Intent,
  OrderList,
  OrderRank,
  OrderStatus,
  PaymentIntent,
  Reservation,
  RoomRecord,
  RoomStatus,
  SaleEvent,
  SeatMapAnswer,
} from './wire.ts';

/** What a hold asks for: these seats, or that many of a section next to each other where it can be. */
export type HoldRequest =
  | { readonly seatIds: readonly string[] }
  | { readonly section: string; readonly seatCount: number };

/** Who asks: the user id, and the bearer token that proves it. */
export interface Buyer {
  readonly userId: string;
  readonly token: string;
}

const enc = encodeURIComponent;

/** The services of one Region, as the page uses them. `base` is their address; empty for the page's own. */
export function createSaleClient(base: string, buyer?: Buyer) {
  const signed = buyer ? { authorization: `Bearer ${buyer.token}` } : undefined;
  const userId = buyer?.userId ?? '';
  const call = <Body>(path: string, options?: Call) => send<Body>(base + path, options);
  const post = <Body>(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ) => call<Body>(path, { method: 'POST', body, headers: { ...signed, ...headers }, signal });

  return {
    ping: () => call<{ ts: number }>('/public/ping'),
    events: (signal?: AbortSignal) => call<SaleEvent[]>('/api/events', { signal }),
    event: (eventId: string, signal?: AbortSignal) =>
      call<SaleEvent>(`/api/events/${enc(eventId)}`, { signal }),
    enter: (eventId: string) => post<Entered>('/public/enter', { userId, eventId }),
    roomStatus: (token: string, signal?: AbortSignal) =>
      call<RoomStatus>(`/public/room-status?token=${enc(token)}`, { signal }),
    roomRecord: (eventId: string, signal?: AbortSignal) =>
      call<RoomRecord>(`/public/room/${enc(eventId)}`, { signal }),
    seatMap: (eventId: string, signal?: AbortSignal) =>
      call<SeatMapAnswer>(`/public/seats/${enc(eventId)}`, { signal }),
    /**
     * One character a seat; `unchanged` while `etag` holds. The query tells a CDN's cache, whose key has no Accept header,
     * from the JSON of the same path.
     */
    seatStates: (eventId: string, etag: string | undefined, signal?: AbortSignal) =>
      call<string>(`/public/seats/${enc(eventId)}?as=bytes`, {
        as: 'text',
        headers: { accept: 'application/octet-stream', ...(etag ? { 'if-none-match': etag } : {}) },
        signal,
      }),
    hold: (eventId: string, roomToken: string, request: HoldRequest) =>
      post<HeldSeats>('/public/hold', { eventId, ...request }, { 'x-room-token': roomToken }),
    release: (eventId: string, roomToken: string, seatIds: readonly string[]) =>
      post<{ released: boolean }>('/public/release', { eventId, seatIds }, { 'x-room-token': roomToken }),
    openIntent: (eventId: string, seatIds: readonly string[], key: string, signal?: AbortSignal) =>
      post<Intent>(
        '/confirm/payment-intent',
        { userId, eventId, seatIds },
        { 'idempotency-key': key },
        signal,
      ),
    intent: (intentId: string, signal?: AbortSignal) =>
      call<PaymentIntent>(`/confirm/payment-intent/${enc(intentId)}`, {
        headers: { ...signed },
        signal,
      }),
    commit: (
      order: { intentId: string; eventId: string; seatIds: readonly string[] },
      key: string,
      signal?: AbortSignal,
    ) => post<{ idem: string }>('/confirm/commit', { ...order, userId }, { 'idempotency-key': key }, signal),
    orderStatus: (key: string, signal?: AbortSignal) =>
      call<OrderStatus>(`/confirm/status?idem=${enc(key)}`, { signal }),
    orders: (signal?: AbortSignal) =>
      call<OrderList>(`/confirm/orders?userId=${enc(userId)}`, { headers: { ...signed }, signal }),
    rank: (orderId: string, signal?: AbortSignal) =>
      call<OrderRank>(`/confirm/orders/${enc(orderId)}/rank?userId=${enc(userId)}`, {
        headers: { ...signed },
        signal,
      }),
    cancel: (orderId: string) => post<CancelledOrder>(`/confirm/orders/${enc(orderId)}/cancel`, { userId }),
    reserve: (eventId: string, quantity: number, key: string) =>
      post<Reservation>('/api/reservations', { eventId, quantity }, { 'idempotency-key': key }),
    reservations: (signal?: AbortSignal) =>
      call<Reservation[]>(`/api/reservations/user/${enc(userId)}`, { headers: { ...signed }, signal }),
    cancelReservation: (id: number) =>
      call<Reservation>(`/api/reservations/${id}`, { method: 'DELETE', headers: { ...signed } }),
  };
}

export type SaleClient = ReturnType<typeof createSaleClient>;
