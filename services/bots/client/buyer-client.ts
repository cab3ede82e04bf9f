import type { commitRoute, paymentIntentRoute, statusRoute } from '@onsale/contracts/http/confirm-routes';
import type {
  enterRoute,
  holdRoute,
  releaseRoute,
  roomStatusRoute,
  seatsRoute,
} from '@onsale/contracts/http/public-routes';
import type { RouteContract } from '@onsale/contracts/http/route-contract';
import type { Static } from 'typebox';
import type { Wish } from '../behaviour/choose-seats.ts';
import type { Answer, Step } from './exchange.ts';
import type { Wire } from './wire.ts';

type Body<Route extends RouteContract, Status extends keyof Route['schema']['response']> = Static<
  Route['schema']['response'][Status]
>;

export type SeatMapView = Body<typeof seatsRoute, 200>;
export type StatusView = Body<typeof statusRoute, 200>;

/** A buyer's side of the wire contract; every call may be repeated. */
export interface BuyerClient {
  readonly userId: string;
  /** Whether payments wait for {@link pay}; else the provider captures them unasked. */
  readonly paysByHand: boolean;
  enter(): Promise<Answer<Body<typeof enterRoute, 200>>>;
  roomStatus(roomToken: string): Promise<Answer<Body<typeof roomStatusRoute, 200>>>;
  seats(): Promise<Answer<SeatMapView>>;
  hold(roomToken: string, wish: Wish): Promise<Answer<Body<typeof holdRoute, 200>>>;
  release(roomToken: string, seatIds: readonly string[]): Promise<Answer<Body<typeof releaseRoute, 200>>>;
  /** Has this buyer's payments wait for {@link pay}. */
  payByHand(): Promise<Answer<unknown>>;
  intent(seatIds: readonly string[], key: string): Promise<Answer<Body<typeof paymentIntentRoute, 201>>>;
  pay(intentId: string): Promise<Answer<unknown>>;
  commit(
    intentId: string,
    seatIds: readonly string[],
    key: string,
  ): Promise<Answer<Body<typeof commitRoute, 202>>>;
  status(key: string): Promise<Answer<StatusView>>;
}

export interface BuyerClientOptions {
  readonly wire: Wire;
  /** Where the API is, without a slash at its end. */
  readonly base: string;
  /** The simulated payment provider, when payments are made by hand. */
  readonly simulatorUrl?: string | undefined;
  readonly eventId: string;
  readonly userId: string;
  /** Where services check who a buyer is. */
  readonly bearerToken?: string | undefined;
}

/** Makes the {@link BuyerClient} of one buyer of one event. */
export function createBuyerClient(options: BuyerClientOptions): BuyerClient {
  const { wire, base, simulatorUrl, eventId, userId, bearerToken } = options;
  const identity: Record<string, string> =
    bearerToken === undefined ? {} : { authorization: `Bearer ${bearerToken}` };
  const get = <Reply>(step: Step, path: string) =>
    wire.send<Reply>({ step, method: 'GET', url: base + path });
  const post = <Reply>(step: Step, path: string, body: unknown, headers: Record<string, string>) =>
    wire.send<Reply>({ step, method: 'POST', url: base + path, body, headers });

  return {
    userId,
    paysByHand: simulatorUrl !== undefined,
    enter: () => post('enter', '/public/enter', { userId, eventId }, identity),
    roomStatus: (roomToken) =>
      get('room-status', `/public/room-status?token=${encodeURIComponent(roomToken)}`),
    seats: () => get('seats', `/public/seats/${eventId}`),
    hold: (roomToken, wish) =>
      post('hold', '/public/hold', { eventId, ...wish }, { 'x-room-token': roomToken }),
    release: (roomToken, seatIds) =>
      post('release', '/public/release', { eventId, seatIds }, { 'x-room-token': roomToken }),
    payByHand: () =>
      wire.send({
        step: 'pay',
        method: 'PUT',
        url: `${simulatorUrl}/customers/${encodeURIComponent(userId)}/behaviour`,
        body: { behaviour: 'manual' },
      }),
    intent: (seatIds, key) =>
      post(
        'payment-intent',
        '/confirm/payment-intent',
        { userId, eventId, seatIds },
        {
          ...identity,
          'idempotency-key': key,
        },
      ),
    pay: (intentId) =>
      wire.send({
        step: 'pay',
        method: 'POST',
        url: `${simulatorUrl}/payments/${encodeURIComponent(intentId)}/pay`,
        body: { behaviour: 'success' },
      }),
    commit: (intentId, seatIds, key) =>
      post(
        'commit',
        '/confirm/commit',
        { intentId, eventId, seatIds, userId },
        {
          ...identity,
          'idempotency-key': key,
        },
      ),
    status: (key) => get('status', `/confirm/status?idem=${encodeURIComponent(key)}`),
  };
}
