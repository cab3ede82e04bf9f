import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import { createBatcher } from '@onsale/platform/batcher';
import { ApiError } from '@onsale/platform/http/api-error';
import type { Logger } from 'pino';
import { claimCommits } from '../commits/claim-commits.ts';
import type { OrderStarter } from '../commits/order-starter.ts';
import type { OpenOrder } from '../open-order.ts';
import type { Projector } from '../project/projector.ts';
import { decideCommits, type CommitDecision } from './decide-commits.ts';
import { parseCommitMessage } from './parse-commit-message.ts';
import { settleOrders, type SettleDeps } from './settle-orders.ts';

/** What to do with a queue message. */
export type Verdict =
  /** Nothing depends on the message any more. */
  | { readonly verdict: 'done' }
  /** It stays on the queue. */
  | { readonly verdict: 'retry'; readonly error: unknown }
  | { readonly verdict: 'poison'; readonly reason: string };

/** The working side of commits, whatever queue the messages come from. */
export interface CommitProcessor {
  /**
   * Settles the orders a batch of message bodies is about, together with those of other calls; one verdict each, in order.
   * Rejects when PostgreSQL is away: then all of them stay on the queue.
   */
  process(bodies: readonly (string | undefined)[]): Promise<Verdict[]>;
}

export interface CommitProcessorDeps extends SettleDeps {
  readonly starter: OrderStarter;
  readonly projector: Projector;
  readonly logger: Logger;
}

const done: Verdict = { verdict: 'done' };

/** What four consumers have at once. */
const maxSettledTogether = 40;
/** Two: while one waits for PostgreSQL, the other is decided; what comes meanwhile is settled together. */
const maxSettling = 2;

/** Makes a {@link CommitProcessor}: one transaction for what comes together, and where that fails one for each message. */
export function createCommitProcessor(deps: CommitProcessorDeps): CommitProcessor {
  const { pool, settings, metrics, starter, projector, logger } = deps;

  const settle = async (
    messages: readonly CommitMessage[],
  ): Promise<CommitDecision & { begin: OpenOrder[] }> => {
    let decision: CommitDecision = { settlements: [], unbegun: [], unclaimed: messages };
    let begin: OpenOrder[] = [];
    const intentIds = [...new Set(messages.map((message) => message.payload.intentId))];
    const ended = await settleOrders(deps, intentIds, (intents) => {
      decision = decideCommits(messages, intents);
      begin = decision.unbegun.map((intentId) => intents.get(intentId)!.order!);
      return decision.settlements;
    });
    projector.projectSoon(ended);
    return { ...decision, begin };
  };

  /** Settles messages; those whose order was not ready are readied and settled once more. */
  const settleFully = async (messages: readonly CommitMessage[]): Promise<Verdict[]> => {
    const verdicts = new Map<CommitMessage, Verdict>();
    let pending = messages;
    // Claimed, then begun, then settled: nothing takes a fourth round.
    for (let round = 0; round < 3 && pending.length > 0; round++) {
      const { begin, unclaimed } = await settle(pending);
      const again = new Set<string>();
      const failed = new Map<string, Verdict>();
      for (const order of begin) {
        const ifNotHeld = order.status === 'WAITING_FOR_HOLD' ? 'wait' : 'reject';
        try {
          if ((await starter.begin(order, ifNotHeld)) === 'committing') again.add(order.intentId);
        } catch (error) {
          failed.set(order.intentId, { verdict: 'retry', error });
        }
      }
      for (const [message, claim] of await claimAll(unclaimed)) {
        if (claim.outcome === 'key-reused') {
          verdicts.set(message, { verdict: 'poison', reason: 'idempotency_key_reused' });
        } else if (claim.outcome === 'claimed' && claim.toStart) again.add(message.payload.intentId);
      }
      for (const message of pending) {
        const failure = failed.get(message.payload.intentId);
        if (failure) verdicts.set(message, failure);
      }
      pending = pending.filter((message) => again.has(message.payload.intentId));
    }
    return messages.map((message) => verdicts.get(message) ?? done);
  };

  const claimAll = async (messages: readonly CommitMessage[]) => {
    if (messages.length === 0) return [];
    const claims = await claimCommits(pool, settings, messages);
    for (const claim of claims) {
      if (claim.outcome === 'claimed' && claim.rejected) metrics.orders.inc({ outcome: claim.rejected });
    }
    return messages.map((message, index) => [message, claims[index]!] as const);
  };

  const settleAll = async (messages: readonly CommitMessage[]): Promise<Verdict[]> => {
    try {
      return await settleFully(messages);
    } catch (error) {
      // PostgreSQL away is no message's fault, and a transaction more for each would only fail as often.
      if (error instanceof ApiError && error.code === 'unavailable') throw error;
      const { message } = error as Error;
      if (messages.length === 1) {
        const { intentId } = messages[0]!.payload;
        logger.error({ event: 'commit_not_settled', intentId, err: error }, message);
        return [{ verdict: 'retry', error }];
      }
      logger.warn({ event: 'commit_batch_failed', size: messages.length, err: error }, message);
      // One message that cannot be settled must not keep the others from it.
      const verdicts: Verdict[] = [];
      for (const one of messages) verdicts.push(...(await settleAll([one])));
      return verdicts;
    }
  };

  const settling = createBatcher<CommitMessage, Verdict>({
    maxItems: maxSettledTogether,
    lingerMs: 0,
    busyLingerMs: 8,
    maxConcurrent: maxSettling,
    async flush(messages) {
      metrics.batchSize.observe({ batch: 'messages' }, messages.length);
      return (await settleAll(messages)).map((value) => ({ status: 'fulfilled', value }));
    },
  });

  return {
    async process(bodies) {
      const parsed = bodies.map(parseCommitMessage);
      const messages = parsed.flatMap((one) => (one.outcome === 'parsed' ? [one.message] : []));
      const verdicts = await Promise.all(messages.map((message) => settling.add(message)));
      let next = 0;
      return parsed.map((one) =>
        one.outcome === 'poison' ? { verdict: 'poison', reason: one.reason } : verdicts[next++]!,
      );
    },
  };
}
