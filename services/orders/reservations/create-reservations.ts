import { randomUUID } from 'node:crypto';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import { createBatcher, type Batcher } from '@onsale/platform/batcher';
import type { Clock } from '@onsale/platform/clock';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { ApiError } from '@onsale/platform/http/api-error';
import { createSingleFlightCache } from '@onsale/platform/single-flight-cache';
import type { Pool } from 'pg';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Catalogue } from '../catalogue/create-catalogue.ts';
import { createdEventNumber, selectCreatedEvent, type CreatedEvent } from '../catalogue/created-event.ts';
import { allEvents, oneEvent } from '../catalogue/event-cache.ts';
import { isAnswerTo, type Reservation } from './reservation.ts';
import {
  cancelReservation,
  selectReservation,
  selectReservationByKey,
  selectReservationsOf,
} from './reservation-rows.ts';
import { saleOfCreated, saleOfPublished, type SaleOfStock } from './sale-of-stock.ts';
import { takeStock, type StockOutcome, type StockRequest } from './take-stock.ts';

export interface ReserveRequest {
  /** Number or name of the event. */
  readonly eventKey: number | string;
  readonly userId: string;
  readonly quantity: number;
  /** Repeating a request with its key gives the same reservation. */
  readonly idempotencyKey?: string | undefined;
}

export type ReserveOutcome =
  | StockOutcome
  | { readonly outcome: 'unknown-event' | 'seated' | 'event-cancelled' }
  | { readonly outcome: 'sale-not-open'; readonly reason: string };

export type CancelOutcome =
  /** The same answer however often it is asked. */
  | { readonly outcome: 'cancelled'; readonly reservation: Reservation }
  | { readonly outcome: 'unknown' | 'not-own' | 'event-begun' | 'ticket-used' };

/** Unseated tickets: taken and given back, at once and for good. */
export interface Reservations {
  reserve(request: ReserveRequest): Promise<ReserveOutcome>;
  /** Newest first, the latest thousand. */
  listOf(userId: string): Promise<Reservation[]>;
  /** Gives the tickets back, once. */
  cancel(id: number, userId: string): Promise<CancelOutcome>;
  /** Resolves when nothing is in flight. */
  drain(): Promise<void>;
}

export interface ReservationsDeps {
  readonly pool: Pool;
  readonly catalogue: Catalogue;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly registry: Registry;
}

type OpenSale = Extract<SaleOfStock, { outcome: 'open' }>;

interface SaleQueue {
  readonly batcher: Batcher<StockRequest, ReserveOutcome>;
  sale: OpenSale;
}

/** Requests decided by one statement. */
const maxBatch = 500;
/** Requests waiting in a process; more are turned away at once and do not wait out their deadline. */
const maxPending = 20_000;
const maxListed = 1000;
/** A batch that failed sooner than this is given once more. */
const retryWithinMs = 1000;
const hourMs = 3_600_000;

/** Makes {@link Reservations}: group commit per sale, one statement per batch. */
export function createReservations({ pool, catalogue, clock, registry }: ReservationsDeps): Reservations {
  const outcomes = new Counter({
    name: 'onsale_reservations_total',
    help: 'Requests for unseated tickets, by outcome',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const batchSizes = new Histogram({
    name: 'onsale_reservation_batch_size',
    help: 'Requests for unseated tickets decided by one statement',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers: [registry],
  });
  const queues = new Map<string, SaleQueue>();
  const created = createSingleFlightCache<number, CreatedEvent | undefined>({
    name: 'created-events',
    // They never change; one that is not there may be created any moment.
    ttlMs: (event) => (event ? hourMs : 0),
    maxEntries: 1000,
    load: (number) => selectCreatedEvent(pool, number),
    registry,
  });
  let pending = 0;

  const findByNumber = async (number: number): Promise<PublishedEvent | CreatedEvent | undefined> =>
    (await catalogue.findByNumber(number)) ?? (await created.get(number));

  const findEvent = async (key: number | string): Promise<PublishedEvent | CreatedEvent | undefined> => {
    if (typeof key === 'number') return await findByNumber(key);
    const byNumber = /^[1-9][0-9]{0,15}$/.test(key) ? await findByNumber(Number(key)) : undefined;
    if (byNumber) return byNumber;
    const published = await catalogue.find(key);
    if (published) return published;
    const number = createdEventNumber(key);
    return number === undefined ? undefined : await created.get(number);
  };

  const saleOf = (found: PublishedEvent | CreatedEvent): SaleOfStock => {
    const nowMs = clock.nowMs();
    return 'event' in found ? saleOfPublished(found, nowMs) : saleOfCreated(found, nowMs);
  };

  const decide = async ({ sale }: SaleQueue, requests: readonly StockRequest[]) => {
    if (clock.nowMs() >= sale.closesAtMs) {
      // It closed while they waited for the batch before them.
      const value: ReserveOutcome = { outcome: 'sale-not-open', reason: 'The sale is over' };
      return requests.map(() => ({ status: 'fulfilled' as const, value }));
    }
    batchSizes.observe(requests.length);
    const startedAt = performance.now();
    const decided = await takeStock(pool, sale.stock, requests).catch((error: unknown) => {
      if (!asUnavailable(error) || performance.now() - startedAt > retryWithinMs) throw error;
      // Most often a connection that died idle, in a failover for instance. Every request has a key, so if the first
      // attempt was carried out after all, the second finds what it did.
      return takeStock(pool, sale.stock, requests);
    });
    // Replayed may mean: reserved by an attempt that could not say so.
    if (decided.some(({ outcome }) => outcome === 'reserved' || outcome === 'replayed')) {
      await catalogue.cache.evict(allEvents, oneEvent(sale.stock.eventNumber));
    }
    return decided.map((value) => ({ status: 'fulfilled' as const, value }));
  };

  const queueOf = (sale: OpenSale): SaleQueue => {
    const { saleId } = sale.stock;
    let queue = queues.get(saleId);
    if (!queue) {
      const batcher = createBatcher<StockRequest, ReserveOutcome>({
        maxItems: maxBatch,
        lingerMs: 0,
        // The stock row admits one batch at a time anyway; what waits here makes the next one fuller.
        maxConcurrent: 1,
        flush: (requests) => decide(queue!, requests),
      });
      queue = { batcher, sale };
      queues.set(saleId, queue);
    }
    // Limit and closing may have changed since the queue was made.
    queue.sale = sale;
    return queue;
  };

  const take = async (sale: OpenSale, request: StockRequest) => {
    if (pending >= maxPending) throw new ApiError('overloaded', 'Too many requests are waiting; try again');
    const queue = queueOf(sale);
    pending++;
    try {
      return await queue.batcher.add(request);
    } finally {
      pending--;
      const { saleId } = sale.stock;
      if (queue.batcher.pending === 0 && queues.get(saleId) === queue) queues.delete(saleId);
    }
  };

  /** A request is answered the same for as long as its reservation is known, also when the sale is over since. */
  const replay = async (
    refusal: ReserveOutcome,
    eventNumber: number,
    { idempotencyKey, userId, quantity }: ReserveRequest,
  ): Promise<ReserveOutcome> => {
    if (!idempotencyKey) return refusal;
    const reservation = await selectReservationByKey(pool, idempotencyKey);
    if (!reservation) return refusal;
    return isAnswerTo(reservation, eventNumber, { userId, quantity })
      ? { outcome: 'replayed', reservation }
      : { outcome: 'key-reused' };
  };

  const reserve = async (request: ReserveRequest): Promise<ReserveOutcome> => {
    const found = await findEvent(request.eventKey);
    if (!found) return { outcome: 'unknown-event' };
    const sale = saleOf(found);
    if (sale.outcome !== 'open') return await replay(sale, found.number, request);
    const { idempotencyKey, userId, quantity } = request;
    if (idempotencyKey) return await take(sale, { key: idempotencyKey, userId, quantity });
    const outcome = await take(sale, { key: `made:${randomUUID()}`, userId, quantity });
    // Nobody else has that key: the first attempt was carried out and its answer lost.
    return outcome.outcome === 'replayed' ? { ...outcome, outcome: 'reserved' } : outcome;
  };

  return {
    async reserve(request) {
      const outcome = await reserve(request);
      outcomes.inc({ outcome: outcome.outcome });
      return outcome;
    },
    listOf: (userId) => selectReservationsOf(pool, userId, maxListed),
    async cancel(id, userId) {
      const reservation = await selectReservation(pool, id);
      if (!reservation) return { outcome: 'unknown' };
      if (reservation.userId !== userId) return { outcome: 'not-own' };
      const cancelled = { ...reservation, status: 'CANCELLED' as const };
      if (reservation.status === 'CANCELLED') return { outcome: 'cancelled', reservation: cancelled };
      const found = await findByNumber(reservation.eventNumber);
      const startsAtMs = found && ('event' in found ? found.event.startsAtMs : found.startsAtMs);
      if (startsAtMs !== undefined && clock.nowMs() >= startsAtMs) return { outcome: 'event-begun' };
      if (await cancelReservation(pool, id)) {
        await catalogue.cache.evict(allEvents, oneEvent(reservation.eventNumber));
      } else if ((await selectReservation(pool, id))?.status === 'CONFIRMED')
        return { outcome: 'ticket-used' };
      return { outcome: 'cancelled', reservation: cancelled };
    },
    async drain() {
      await Promise.all([...queues.values()].map(({ batcher }) => batcher.drain()));
    },
  };
}
