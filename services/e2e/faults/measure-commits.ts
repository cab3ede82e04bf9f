import { localSecrets } from '@onsale/local/local-secrets';
import { commitLatencies } from './figures.ts';
import { createHistory, type History, monotonicNowMs } from './history.ts';
import { createRecordedClient } from './recorded-client.ts';
import type { SeededRandom } from '@onsale/platform/seeded-random';
import { type Offer, Shopper } from './shopper.ts';

export interface MeasureOptions {
  readonly url: string;
  readonly paymentProviderUrl: string;
  readonly history: History;
  readonly random: SeededRandom;
  readonly offer: Offer;
  readonly count: number;
  readonly signal: AbortSignal;
}

/** Buys one seat after the other with nobody else about; resolves with the milliseconds from 202 to the end, ascending. */
export async function measureCommits(options: MeasureOptions): Promise<number[]> {
  const { offer, signal } = options;
  const own = createHistory();
  const client = createRecordedClient(options.url, {
    exchanges: own.exchanges,
    // Into the run's history as well: the checker looks at these purchases like at any.
    record: (asked, send) =>
      options.history.record(asked, async () => {
        const answer = await own.record(asked, send);
        if (answer.status === 'unknown') throw new Error(answer.error);
        return answer;
      }),
  });
  const seats = offer.sections.flatMap(({ seatIds }) => seatIds);
  for (let index = 0; index < options.count; index++) {
    const shopper = new Shopper({
      ...{ client, offer, paymentProviderUrl: options.paymentProviderUrl },
      webhookSecret: localSecrets.paymentWebhookSecret,
      random: options.random.fork(`calm ${index}`),
      userId: `calm-${index}`,
      signal,
    });
    const seatIds = [seats[index]!];
    await shopper.awaitTurn();
    await shopper.insist(() => shopper.hold({ seatIds }));
    const intent = await shopper.insist(() => shopper.intent(seatIds, shopper.key('intent')));
    if (intent.status !== 201)
      throw new Error(`an intent was answered ${intent.status} with nobody else about`);
    const key = shopper.key('commit');
    await shopper.insist(() => shopper.commit(String(intent.body['intentId']), seatIds, key));
    const deadline = monotonicNowMs() + 10_000;
    for (;;) {
      const answer = await shopper.status(key);
      const order = answer.status === 200 ? (answer.body['order'] as { status: string } | null) : null;
      if ((order !== null && order.status !== 'PROCESSING') || monotonicNowMs() > deadline) break;
      await shopper.pause(5);
    }
  }
  await client.close();
  return commitLatencies(own.exchanges);
}
