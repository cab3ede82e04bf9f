import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Cluster, Redis } from 'ioredis';
import pg from 'pg';
import type { LedgerEntry, LockRow, SeatedSale, SectionState, World } from './checker/world.ts';

/** Where the stores are, past any proxy. */
export interface StoreAddresses {
  readonly postgresUrl: string;
  /** One server, or nodes of a cluster, comma-separated. */
  readonly redisUrl: string;
  readonly dynamodbEndpoint: string;
  readonly sqsEndpoint: string;
  readonly paymentProviderUrl: string;
}

/** How a seated sale was set up. */
export type SeatedSetup = Omit<SeatedSale, 'sections' | 'lockItems'> & {
  readonly sections: readonly Pick<SectionState, 'id' | 'firstRow' | 'seatsPerRow' | 'seatCount'>[];
};

/** The rows of PostgreSQL, the queue and the ledger. */
export type Records = Omit<
  World,
  'quietAtMs' | 'unsettled' | 'sales' | 'restoredSales' | 'stockSales' | 'redisLosses' | 'tamperedSeats'
>;

/** Reads the stores by statements of its own; what is read comes from no service. */
export interface StoreReader {
  readonly postgres: pg.Pool;
  /** Removes all that Redis has. */
  emptyRedis(): Promise<void>;
  /** Keys of Redis by a glob pattern. */
  redisKeys(pattern: string): Promise<string[]>;
  /** Removes some, wherever they lie. */
  dropKeys(keys: readonly string[]): Promise<void>;
  readSale(setup: SeatedSetup): Promise<SeatedSale>;
  readRecords(): Promise<Records>;
  /** What is still under way; empty once it is quiet. */
  readUnsettled(sales: readonly SeatedSetup[]): Promise<string[]>;
  close(): Promise<void>;
}

const lockTable = 'onsale-lock-items';
const queues = { commits: 'onsale-commits.fifo', dead: 'onsale-commits-dlq.fifo' };

/** Connects to the stores. */
export function createStoreReader(addresses: StoreAddresses): StoreReader {
  const postgres = new pg.Pool({
    connectionString: addresses.postgresUrl,
    max: 3,
    application_name: 'faults-checker',
  });
  // Servers are killed under it; the next statement dials anew.
  postgres.on('error', () => undefined);
  const nodes = addresses.redisUrl.split(',');
  const options = { maxRetriesPerRequest: 1, retryStrategy: () => 100 };
  const redis =
    nodes.length === 1 ? new Redis(nodes[0]!, options) : new Cluster([...nodes], { redisOptions: options });
  // ioredis' own interval begins anew behind a refresh that was under way at disconnect, and the process never ends.
  const following = setInterval(() => {
    if (redis instanceof Cluster) redis.refreshSlotsCache(() => undefined);
  }, 1000);
  const masters = () => (redis instanceof Cluster ? redis.nodes('master') : [redis]);
  redis.on('error', () => undefined);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const region = 'ap-northeast-1';
  const dynamodb = new DynamoDBClient({ region, endpoint: addresses.dynamodbEndpoint, credentials });
  const sqs = new SQSClient({ region, endpoint: addresses.sqsEndpoint, credentials });

  const rows = async <Row extends object>(text: string): Promise<Row[]> =>
    (await postgres.query(text)).rows.map((row: Row) => row);

  const countMessages = async (name: string): Promise<number> => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    return AttributeNames.reduce((sum, attribute) => sum + Number(Attributes?.[attribute] ?? 0), 0);
  };

  const readLedger = async (): Promise<LedgerEntry[]> => {
    const answer = await fetch(`${addresses.paymentProviderUrl}/ledger`);
    return ((await answer.json()) as { entries: LedgerEntry[] }).entries;
  };

  const readSection = async ({ saleId, sections }: SeatedSetup, index: number): Promise<SectionState> => {
    const prefix = `{${saleId}#${index % Math.min(sections.length, 16)}}:section:${index}`;
    const [seats, header, holds] = await Promise.all([
      redis.get(`${prefix}:seats`),
      redis.hmget(`${prefix}:header`, 'free', 'held', 'sold', 'blocked'),
      redis.hgetall(`${prefix}:holds`),
    ]);
    const [free, held, sold, blocked] = header.map(Number) as [number, number, number, number];
    const openHolds = Object.entries(holds).flatMap(([holdId, text]) => {
      const [state, , , owner, seatIndexes] = text.split(' ');
      return state === 'h' || state === 'c' ? [`${holdId} (${state}) of ${owner}, seats ${seatIndexes}`] : [];
    });
    return {
      ...sections[index]!,
      seats: seats ?? undefined,
      counts: { free, held, sold, blocked },
      openHolds,
    };
  };

  const readLockItems = async (saleId: string): Promise<LockRow[]> => {
    const { Items = [] } = await dynamodb.send(
      new ScanCommand({
        TableName: lockTable,
        ConsistentRead: true,
        FilterExpression: 'begins_with(pk, :sale) and attribute_exists(seats)',
        ExpressionAttributeValues: { ':sale': { S: `${saleId}#` } },
      }),
    );
    return Items.map((item) => ({
      holdId: item['sk']!.S!.split('#')[0]!,
      state: item['state']!.S!,
      owner: item['owner']!.S!,
      seatIds: item['seats']!.S!.split(','),
      expiresAtMs: Number(item['expiresAtMs']!.N),
    }));
  };

  return {
    postgres,
    async emptyRedis() {
      await Promise.all(masters().map((master) => master.flushall()));
    },
    redisKeys: async (pattern) => (await Promise.all(masters().map((master) => master.keys(pattern)))).flat(),
    async dropKeys(keys) {
      await Promise.all(keys.map((key) => redis.unlink(key)));
    },
    async readSale(setup) {
      const sections = await Promise.all(setup.sections.map((_, index) => readSection(setup, index)));
      return { ...setup, sections, lockItems: await readLockItems(setup.saleId) };
    },

    async readRecords() {
      const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
      const [orders, tickets, intents, captures, refunds, reservations, stock, keys] = await Promise.all([
        rows<Records['orders'][number]>(`
          select order_id as "orderId", intent_id as "intentId", alone, user_id as "userId", sale_id as "saleId",
            seat_ids as "seatIds", amount_minor::float8 as "amountMinor", status, reason,
            ${ms('created_at')} as "createdAtMs", ${ms('begun_at')} as "begunAtMs", due_at is not null as "isDue"
          from orders`),
        rows<Records['tickets'][number]>(`
          select ticket_id as "ticketId", order_id as "orderId", sale_id as "saleId", seat_id as "seatId",
            price_minor::float8 as "priceMinor", status, ${ms('issued_at')} as "issuedAtMs",
            ${ms('cancelled_at')} as "cancelledAtMs"
          from tickets`),
        rows<Records['intents'][number]>(`
          select intent_id as "intentId", idempotency_key as key, user_id as "userId", sale_id as "saleId",
            seat_ids as "seatIds", amount_minor::float8 as "amountMinor", ${ms('created_at')} as "createdAtMs"
          from payment_intents`),
        rows<Records['captures'][number]>(`
          select payment_id as "paymentId", intent_id as "intentId", amount_minor::float8 as "amountMinor", pays
          from captures`),
        rows<Records['refunds'][number]>(`
          select refund_id as "refundId", payment_id as "paymentId", amount_minor::float8 as "amountMinor",
            refunded_at is not null as "isDone"
          from refunds`),
        rows<Records['reservations'][number]>(`
          select id::float8 as id, sale_id as "saleId", user_id as "userId", quantity, status,
            idempotency_key as key
          from reservations`),
        rows<Records['stock'][number]>(`
          select sale_id as "saleId", capacity::float8 as capacity, sold::float8 as sold from stock`),
        rows<{ idem: string; orderId: string }>('select idem, order_id as "orderId" from commit_keys'),
      ]);
      const [ledger, queued, deadLettered] = await Promise.all([
        readLedger(),
        countMessages(queues.commits),
        countMessages(queues.dead),
      ]);
      return {
        ...{ orders, tickets, intents, captures, refunds, reservations, stock, ledger, queued, deadLettered },
        commitKeys: new Map(keys.map(({ idem, orderId }) => [idem, orderId])),
      };
    },

    async readUnsettled(sales) {
      const [counts, ledger, queued, sections] = await Promise.all([
        rows<Record<string, number>>(`
          select
            (select count(*) from orders where status not in ('CONFIRMED', 'REJECTED', 'CANCELLED'))::int
              as "orders have not ended",
            (select count(*) from orders where status in ('CONFIRMED', 'REJECTED', 'CANCELLED') and due_at is not null)::int
              as "ends of orders are not told to the stores",
            (select count(*) from refunds where refunded_at is null)::int as "refunds are not done",
            (select count(*) from payments_to_open)::int as "payments are not opened",
            (select count(*) from tickets where status = 'CANCELLED' and returned_at is null)::int
              as "cancelled tickets are not back on sale"`),
        readLedger(),
        countMessages(queues.commits),
        Promise.all(sales.flatMap((sale) => sale.sections.map((_, index) => readSection(sale, index)))),
      ]);
      const known = new Set(
        (await rows<{ id: string }>('select payment_id as id from captures')).map(({ id }) => id),
      );
      const unheard = ledger.filter((entry) => entry.kind === 'capture' && !known.has(entry.paymentId));
      const unwhole = sections.filter(({ seats, openHolds }) => seats === undefined || openHolds.length > 0);
      return Object.entries({
        ...counts[0]!,
        'captures are not heard of': unheard.length,
        'messages are on the queue': queued,
        'sections have holds or are gone': unwhole.length,
      }).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
    },

    async close() {
      clearInterval(following);
      redis.disconnect();
      dynamodb.destroy();
      sqs.destroy();
      await postgres.end();
    },
  };
}
