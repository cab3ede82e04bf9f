import { readFileSync } from 'node:fs';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import pg from 'pg';

/** What this child is given as its argument. */
export interface HandDrivenSettings {
  readonly postgresUrl: string;
  readonly sqsEndpoint: string;
  readonly queueUrl: string;
}

// What a worker costs at least: the same statements by hand, ten orders a transaction, with nothing decided and nobody
// told, receive and delete included. On any message it empties the queue, and says how many orders it has confirmed.
const { postgresUrl, sqsEndpoint, queueUrl } = JSON.parse(process.argv[2]!) as HandDrivenSettings;

const statement = (name: string) => ({
  name,
  text: readFileSync(new URL(`../../services/orders/sql/${name}.sql`, import.meta.url), 'utf8'),
});
const lockIntents = statement('lock-intents');
const readIntents = statement('read-intents');
const settleOrders = statement('settle-orders');
const lockEndedOrders = statement('lock-ended-orders');
const readOrderTickets = statement('read-order-tickets');
const readOrderViews = statement('read-order-views');
const finishProjections = statement('finish-projections');

const sqs = new SQSClient({
  region: 'ap-northeast-1',
  endpoint: sqsEndpoint,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
/** As many as a worker works on at once. */
const connections = 4;
const pool = new pg.Pool({ connectionString: postgresUrl, max: connections });

async function empty(): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off');
    let confirmed = 0;
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return confirmed;
      const intentIds = Messages.map(
        ({ Body }) => (JSON.parse(Body!) as { payload: { intentId: string } }).payload.intentId,
      );
      await client.query('begin');
      await client.query({ ...lockIntents, values: [intentIds] });
      const { rows } = await client.query<{ order_id: string }>({
        ...readIntents,
        values: [intentIds, true],
      });
      const orderIds = rows.map((row) => row.order_id);
      const settled = orderIds.map((order_id) => ({ order_id, status: 'CONFIRMED', reason: null }));
      await client.query({ ...settleOrders, values: [JSON.stringify(settled), 600, 2000] });
      await client.query('commit');
      await client.query('begin');
      await client.query({ ...lockEndedOrders, values: [orderIds] });
      await client.query({ ...readOrderTickets, values: [orderIds] });
      await client.query({ ...readOrderViews, values: [orderIds] });
      await client.query({ ...finishProjections, values: [orderIds, [], []] });
      await client.query('commit');
      await sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      );
      confirmed += orderIds.length;
    }
  } finally {
    client.release();
  }
}

process.on('message', () => {
  void Promise.all(Array.from({ length: connections }, empty)).then((counts) =>
    process.send?.({ confirmed: counts.reduce((sum, count) => sum + count, 0) }),
  );
});
process.on('disconnect', () => process.exit(0));
