import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import { createBatcher } from '@onsale/platform/batcher';
import { asUnavailable } from '@onsale/platform/engine-errors';
import type { Pool } from 'pg';
import type { OrderMetrics } from '../order-metrics.ts';
import type { OrderSettings } from '../order-settings.ts';
import { claimCommits, type ClaimOutcome } from './claim-commits.ts';
import type { OrderStarter } from './order-starter.ts';

/** The accepting side of commits. */
export interface Commits {
  /**
   * Accepts a commit. From `accepted` on it reaches exactly one terminal state, whatever stops working: its claim is durable
   * in PostgreSQL, and a sweeper does what seats or queue could not do now. Throws ApiError `unavailable` while PostgreSQL
   * is away.
   */
  accept(
    commit: CommitMessage,
    traceparent?: string,
  ): Promise<{ readonly outcome: 'accepted' | 'key-reused' }>;
  drain(): Promise<void>;
}

export interface CommitsDeps {
  readonly pool: Pool;
  readonly settings: OrderSettings;
  readonly starter: OrderStarter;
  readonly metrics: OrderMetrics;
}

/** Makes {@link Commits}: one transaction for all commits that arrive close together. */
export function createCommits({ pool, settings, starter, metrics }: CommitsDeps): Commits {
  const batcher = createBatcher<CommitMessage, ClaimOutcome>({
    maxItems: 100,
    lingerMs: 1,
    busyLingerMs: 8,
    async flush(commits) {
      metrics.batchSize.observe({ batch: 'commits' }, commits.length);
      return (await claimCommits(pool, settings, commits)).map((value) => ({ status: 'fulfilled', value }));
    },
  });
  return {
    async accept(commit, traceparent) {
      const claimed = await batcher.add(commit).catch((error: unknown) => {
        throw asUnavailable(error) ?? error;
      });
      if (claimed.outcome === 'key-reused') return { outcome: 'key-reused' };
      if (claimed.outcome === 'claimed') {
        if (claimed.rejected) metrics.orders.inc({ outcome: claimed.rejected });
        if (claimed.toStart) {
          const started = starter.start(claimed.toStart, 'reject', traceparent);
          // The answer says what is true either way; waiting only keeps a buyer's next question from coming too early.
          await settledWithin(started, settings.sendWaitMs);
        }
      }
      return { outcome: 'accepted' };
    },
    async drain() {
      await batcher.drain();
      await starter.drain();
    },
  };
}

/** A plain timer: ending a wait by AbortController makes an error with its stack each time. */
async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    void work.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
