import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ReceiveMessageCommand,
  DeleteMessageBatchCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { EventCatalogue, PublishedEvent } from '@onsale/contracts/sale/published-event';
import { saleIdOf, type SaleId } from '@onsale/contracts/sale/sale-id';
import { SeatMap } from '@onsale/contracts/sale/seat-map';
import { testEngines, type TestEngines } from '@onsale/local/test-engines';
import { createLogger } from '@onsale/platform/logger';
import { createPostgres } from '@onsale/platform/postgres';
import { createRedis, redisReady } from '@onsale/platform/redis';
import { createSqs } from '@onsale/platform/sqs';
import type { Pool } from 'pg';
import { Registry } from 'prom-client';
import { createCommitQueue, type CommitQueue } from './commit-queue.ts';
import { createOrders, type Orders } from './create-orders.ts';
import { FakeSeatHolds } from './seat-holds-stub.ts';
import type { OrderSettings } from './order-settings.ts';
import type { PaymentProvider } from './payments/payment-provider.ts';
import type { OrderStatusView } from './queries/order-view.ts';
import type { Verdict } from './settle/process-commits.ts';

type Scope = Parameters<typeof testEngines>[0];

/** A provider that remembers what it was asked. */
export class FakeProvider implements PaymentProvider {
  readonly opened: string[] = [];
  /** Minor units by refund id: asking twice gives back once. */
  readonly refunds = new Map<string, { paymentId: string; amountMinor: number }>();
  readonly calls: string[] = [];
  before: (call: keyof PaymentProvider) => void | Promise<void> = () => undefined;

  async openPayment({ intentId }: Parameters<PaymentProvider['openPayment']>[0]) {
    await this.before('openPayment');
    this.opened.push(intentId);
  }

  async refund({ refundId, paymentId, amountMinor }: Parameters<PaymentProvider['refund']>[0]) {
    this.calls.push(refundId);
    await this.before('refund');
    this.refunds.set(refundId, { paymentId, amountMinor });
  }
}

export interface TestBed {
  readonly engines: TestEngines;
  readonly pool: Pool;
  readonly sqs: SQSClient;
  readonly clock: { nowMs(): number; shiftMs: number };
  readonly eventId: string;
  readonly saleId: SaleId;
  readonly published: PublishedEvent;
  readonly catalogue: EventCatalogue;
  readonly queue: CommitQueue;
  readonly seats: FakeSeatHolds;
  readonly provider: FakeProvider;
  readonly orders: Orders;
  readonly registry: Registry;
  /** Another process, over the same stores. */
  startProcess(options?: {
    settings?: Partial<OrderSettings>;
    sqs?: SQSClient;
    queueUrl?: string;
    pool?: Pool;
  }): Orders;
  /** Seats nobody else in this file takes. */
  freeSeats(count: number): string[];
  /** Of a user id of its own unless told which. */
  buyer(userId?: string): TestBuyer;
  /** Receives from the queue, has the messages processed, and deletes those that are done. */
  work(orders?: Orders): Promise<Verdict[]>;
  /** Works until the queue is empty. */
  workOff(orders?: Orders): Promise<void>;
  receive(queueUrl?: string): Promise<Message[]>;
}

/** A buyer who calls the domain as the routes do. */
export interface TestBuyer {
  readonly userId: string;
  hold(seatIds: readonly string[], forMs?: number): boolean;
  intent(seatIds: readonly string[], key?: string): Promise<{ intentId: string; amountMinor: number }>;
  capture(intentId: string, amountMinor: number, paymentId?: string): Promise<void>;
  commitMessage(intentId: string, seatIds: readonly string[], idem?: string): CommitMessage;
  /** Commits and returns the key. */
  commit(intentId: string, seatIds: readonly string[], idem?: string): Promise<string>;
  status(idem: string): Promise<OrderStatusView>;
}

/** What seats of the test event cost. */
export const seatPriceMinor = 1000;

/** Polls until `check` gives something truthy, and returns it. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false | null>,
  deadlineMs = 60_000,
  everyMs = 20,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`);
    await delay(everyMs);
  }
}

/** PostgreSQL, Redis and a queue of the test file's own, a seated event on sale, and the orders' modules over them. */
export async function startTestBed(
  t: Scope,
  settings: Partial<OrderSettings> = {},
  { visibilityTimeoutSeconds = 30 }: { visibilityTimeoutSeconds?: number } = {},
): Promise<TestBed> {
  const engines = await testEngines(t, { needs: ['postgres', 'redis', 'sqs'] });
  const logger = createLogger('test', process.env['TEST_LOG'] ?? 'silent');
  const clock = { shiftMs: 0, nowMs: () => Date.now() + clock.shiftMs };
  const eventId = engines.uniqueId('event');
  const published = seatedEvent(eventId);
  const catalogue: EventCatalogue = {
    find: async (id) => (id === eventId ? published : undefined),
    list: async () => [published],
  };
  const pool = createPostgres(
    { url: engines.postgresUrl, maxConnections: 20, applicationName: 'test' },
    logger,
  );
  const redis = createRedis({ url: engines.redisUrl, cluster: false }, logger);
  await redisReady(redis, 30_000);
  const sqs = createSqs({ region: 'ap-northeast-1', endpoint: engines.sqsEndpoint });
  const queue = await createCommitQueue(sqs, engines.uniqueId('commits'), { visibilityTimeoutSeconds });
  const seats = new FakeSeatHolds();
  const provider = new FakeProvider();
  const processes: Orders[] = [];

  const registry = new Registry();
  const start = (options: Parameters<TestBed['startProcess']>[0] = {}, into = new Registry()) => {
    const orders = createOrders({
      pool: options.pool ?? pool,
      redis,
      sqs: options.sqs ?? sqs,
      queueUrl: options.queueUrl ?? queue.queueUrl,
      catalogue,
      seatHolds: seats,
      provider,
      clock,
      registry: into,
      logger,
      settings: { resendAfterMs: 1000, ...settings, ...options.settings },
    });
    processes.push(orders);
    return orders;
  };
  const orders = start({}, registry);
  t.teardown(async () => {
    await Promise.all(processes.map((one) => one.drain()));
    redis.disconnect();
    sqs.destroy();
    await pool.end();
  });

  const saleId = saleIdOf(eventId, 0);
  let nextSeat = 0;
  const receive = async (queueUrl = queue.queueUrl) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages;
  };
  const work = async (worker = orders) => {
    const messages = await receive();
    const verdicts = await worker.processor.process(messages.map((message) => message.Body));
    const gone = messages.filter((_, index) => verdicts[index]!.verdict !== 'retry');
    if (gone.length > 0) {
      const Entries = gone.map((message, index) => ({
        Id: String(index),
        ReceiptHandle: message.ReceiptHandle,
      }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queue.queueUrl, Entries }));
    }
    return verdicts;
  };

  return {
    engines,
    pool,
    sqs,
    clock,
    eventId,
    saleId,
    published,
    catalogue,
    queue,
    seats,
    provider,
    orders,
    registry,
    startProcess: (options) => start(options),
    freeSeats: (count) =>
      Array.from({ length: count }, () =>
        published.seatMap.seatId({ sectionIndex: 0, seatIndex: nextSeat++ }),
      ),
    receive,
    work,
    async workOff(worker) {
      while ((await work(worker)).length > 0);
    },
    buyer(userId = `buyer-${randomUUID()}`) {
      const buyer: TestBuyer = {
        userId,
        hold: (seatIds, forMs) => seats.hold(saleId, userId, seatIds, forMs),
        async intent(seatIds, key = `intent-${randomUUID()}`) {
          const made = await orders.intents.create({ idempotencyKey: key, userId, eventId, seatIds });
          if (made.outcome !== 'created' && made.outcome !== 'replayed') throw new Error(made.outcome);
          return made.intent;
        },
        capture: (intentId, amountMinor, paymentId = `pay-${randomUUID()}`) =>
          orders.paymentEvents.record({ type: 'payment.captured', intentId, paymentId, amountMinor }),
        commitMessage: (intentId, seatIds, idem = `commit-${randomUUID()}`) => ({
          type: 'COMMIT_ORDER',
          payload: { intentId, eventId, seatIds: [...seatIds], userId },
          idem,
        }),
        async commit(intentId, seatIds, idem) {
          const message = buyer.commitMessage(intentId, seatIds, idem);
          const { outcome } = await orders.commits.accept(message);
          if (outcome !== 'accepted') throw new Error(outcome);
          return message.idem;
        },
        status: (idem) => orders.status.read(idem),
      };
      return buyer;
    },
  };
}

function seatedEvent(eventId: string): PublishedEvent {
  const sections = [{ id: 'A', rows: 500, seatsPerRow: 100, priceMinor: seatPriceMinor }];
  const hourMs = 3_600_000;
  return {
    number: 1,
    seatMap: new SeatMap(sections),
    event: {
      eventId,
      title: 'Test',
      homeRegion: 'local',
      currency: 'KRW',
      startsAtMs: Date.now() + 48 * hourMs,
      timeZone: 'Asia/Seoul',
      sale: { kind: 'once', opensAtMs: Date.now() - hourMs, closesAtMs: Date.now() + 24 * hourMs },
      sections,
      generalAdmission: undefined,
      perBuyer: 4,
      holdTtlMs: 180_000,
      waitingRoom: { opensBeforeMs: hourMs, ratePerSecond: 100, maxActive: 1000 },
      suspend: false,
    },
  };
}
