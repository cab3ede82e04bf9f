import { useCallback } from 'react';
import type { Answer } from '../api/answer.ts';
import type { SaleClient } from '../api/sale-client.ts';
import type { Order, OrderRank } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { usePolled } from '../shared/use-polled.ts';

type HistoryClient = Pick<SaleClient, 'orders' | 'rank'>;

interface Attempt {
  readonly order: Order;
  readonly rank: OrderRank;
}

const attemptsShown = 10;
/** What was is not going to change; only a lost answer is asked for again. */
const pollMs = 60_000;

/** The buyer's rounds of a practice event, the newest first: what the services recorded, whichever device they were played on. */
export function RoundHistory({ eventId, client }: { eventId: string; client: HistoryClient }) {
  const { text, format } = useSpeech();
  const { value: attempts } = usePolled(
    useCallback((signal: AbortSignal) => readAttempts(eventId, client, signal), [eventId, client]),
    pollMs,
  );
  if (!attempts || attempts.length < 2) return null;
  const best = Math.min(...attempts.map(({ rank }) => rank.takenMs));
  return (
    <section className="panel history">
      <h2>{text.historyTitle}</h2>
      <ol>
        {attempts.map(({ order, rank }) => (
          <li key={order.orderId}>
            <span>{format.instant(order.updatedAt)}</span>
            <strong>{format.lapTime(rank.takenMs)}</strong>
            <span className="muted">
              {[
                text.historyRank(
                  format.count(rank.faster + 1),
                  format.count(rank.others + 1),
                  format.count(rank.otherBots),
                ),
                ...(rank.takenMs === best ? [text.historyBest] : []),
              ].join(' · ')}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

async function readAttempts(
  eventId: string,
  client: HistoryClient,
  signal: AbortSignal,
): Promise<Answer<readonly Attempt[]>> {
  const answer = await client.orders(signal);
  if (answer.outcome !== 'ok') return answer;
  const rounds = answer.body.orders
    .filter((order) => order.eventId === eventId && order.status === 'CONFIRMED')
    .slice(0, attemptsShown);
  const ranks = await Promise.all(rounds.map((order) => client.rank(order.orderId, signal)));
  const attempts = rounds.flatMap((order, index) => {
    const rank = ranks[index]!;
    return rank.outcome === 'ok' ? [{ order, rank: rank.body }] : [];
  });
  return { outcome: 'ok', body: attempts, etag: undefined };
}
