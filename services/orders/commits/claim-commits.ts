import { randomUUID } from 'node:crypto';
import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { Pool, PoolClient } from 'pg';
import { bodyHash } from '../body-hash.ts';
import { insertOrders, newOrderOf, type NewOrder } from '../insert-orders.ts';
import { loadSql } from '../load-sql.ts';
import type { OpenOrder } from '../open-order.ts';
import type { OrderSettings } from '../order-settings.ts';
import type { RejectionReason } from '../order-status.ts';
import { lockIntents, type LockedIntent } from '../read-intents.ts';
import { inTransaction } from '../transaction.ts';

export type ClaimOutcome =
  /** `toStart` is the order to bring to the queue, where this commit is the one that begins it. */
  | {
      readonly outcome: 'claimed';
      readonly toStart: OpenOrder | undefined;
      readonly rejected?: RejectionReason;
    }
  | { readonly outcome: 'repeated' | 'key-reused' };

interface Key {
  idem: string;
  user_id: string;
  body_hash: string;
  order_id: string;
}

type StoredKey = Omit<Key, 'order_id'>;

interface LoneOrder {
  order_id: string;
  intent_id: string;
  user_id: string;
  event_id: string;
  seat_ids: readonly string[];
  reason: RejectionReason;
  idem: string;
}

interface Claims {
  readonly keys: Map<string, StoredKey>;
  readonly newKeys: Key[];
  readonly newOrders: NewOrder[];
  readonly loneOrders: LoneOrder[];
  /** Orders that waited for their hold and are committed now. */
  readonly committed: { order_id: string; idem: string }[];
  /** Orders of intents as they are after the claims so far. */
  readonly orders: Map<string, OpenOrder>;
}

const readCommitKeys = loadSql('read-commit-keys');
const insertCommitKeys = loadSql('insert-commit-keys');

/**
 * Claims the idempotency keys of commits, and writes the orders they ask for, in one transaction: all of them are durable
 * when it resolves. A commit that names an intent nobody made, another buyer's, or other seats gets an order of its own,
 * rejected; the intent is left as it is. One outcome per commit, in order.
 */
export async function claimCommits(
  pool: Pool,
  settings: OrderSettings,
  commits: readonly CommitMessage[],
): Promise<ClaimOutcome[]> {
  return await inTransaction(pool, async (client) => {
    const intentIds = [...new Set(commits.map((commit) => commit.payload.intentId))];
    const [intents, { rows: keys }] = await Promise.all([
      lockIntents(client, intentIds, { takenSeats: false }),
      client.query<StoredKey>({ ...readCommitKeys, values: [commits.map((commit) => commit.idem)] }),
    ]);
    const claims = claimsSoFar(keys, intents);
    const outcomes = commits.map((commit) => claim(commit, intents.get(commit.payload.intentId), claims));
    await Promise.all([
      insertOrders(client, claims.newOrders, settings),
      insertKeys(client, claims, settings),
    ]);
    return outcomes;
  });
}

async function insertKeys(client: PoolClient, claims: Claims, settings: OrderSettings): Promise<void> {
  if (claims.newKeys.length === 0) return;
  await client.query({
    ...insertCommitKeys,
    values: [
      JSON.stringify(claims.newKeys),
      JSON.stringify(claims.loneOrders),
      JSON.stringify(claims.committed),
      settings.resendAfterMs,
    ],
  });
}

function claimsSoFar(keys: readonly StoredKey[], intents: ReadonlyMap<string, LockedIntent>): Claims {
  const orders = new Map<string, OpenOrder>();
  for (const { intentId, order } of intents.values()) if (order) orders.set(intentId, order);
  return {
    keys: new Map(keys.map((key) => [key.idem, key])),
    newKeys: [],
    newOrders: [],
    loneOrders: [],
    committed: [],
    orders,
  };
}

function claim(commit: CommitMessage, intent: LockedIntent | undefined, claims: Claims): ClaimOutcome {
  const { idem, payload } = commit;
  const { userId, intentId, eventId, seatIds } = payload;
  const key = { idem, user_id: userId, body_hash: bodyHash(intentId, eventId, seatIds) };
  const stored = claims.keys.get(idem);
  if (stored) {
    const same = stored.user_id === key.user_id && stored.body_hash === key.body_hash;
    return { outcome: same ? 'repeated' : 'key-reused' };
  }
  claims.keys.set(idem, key);

  const refusal = refusalOf(commit, intent);
  if (!intent || refusal) {
    const reason = refusal ?? 'unknown_intent';
    const order_id = `ord_${randomUUID()}`;
    const said = { intent_id: intentId, user_id: userId, event_id: eventId, seat_ids: seatIds };
    claims.loneOrders.push({ order_id, ...said, reason, idem });
    claims.newKeys.push({ ...key, order_id });
    return { outcome: 'claimed', toStart: undefined, rejected: reason };
  }

  let order = claims.orders.get(intentId);
  let toStart: OpenOrder | undefined;
  let rejected: RejectionReason | undefined;
  if (!order) {
    rejected = intent.eventCancelled ? 'event_cancelled' : undefined;
    const made = newOrderOf(intent, { status: 'PROCESSING', idem, reason: rejected });
    claims.newOrders.push(made);
    order = made.order;
    if (!rejected) toStart = order;
  } else if (order.status === 'WAITING_FOR_HOLD' && !intent.eventCancelled) {
    order = toStart = { ...order, status: 'PROCESSING', idem };
    claims.committed.push({ order_id: order.orderId, idem });
  }
  claims.orders.set(intentId, order);
  claims.newKeys.push({ ...key, order_id: order.orderId });
  return { outcome: 'claimed', toStart, ...(rejected && { rejected }) };
}

function refusalOf(
  { payload }: CommitMessage,
  intent: LockedIntent | undefined,
): RejectionReason | undefined {
  if (!intent) return 'unknown_intent';
  if (intent.userId !== payload.userId) return 'not_owner';
  const asked = [...payload.seatIds].sort().join();
  const same = intent.eventId === payload.eventId && asked === [...intent.seatIds].sort().join();
  return same ? undefined : 'seats_mismatch';
}
