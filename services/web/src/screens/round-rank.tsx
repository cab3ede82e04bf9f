import { useCallback } from 'react';
import type { SaleClient } from '../api/sale-client.ts';
import { useSpeech } from '../i18n/language.tsx';
import { usePolled } from '../shared/use-polled.ts';
import { RoundPlace } from './round-place.tsx';

interface RoundRankProps {
  readonly orderId: string;
  /** As the page reckons it until the services say. */
  readonly takenSec: number;
  readonly client: Pick<SaleClient, 'rank'>;
}

/** The others of a round are still buying when the first have their tickets. */
const pollMs = 5000;

/** How long a practice round took its buyer, and how that compares. */
export function RoundRank({ orderId, takenSec, client }: RoundRankProps) {
  const { text, format } = useSpeech();
  const { value: rank } = usePolled(
    useCallback((signal: AbortSignal) => client.rank(orderId, signal), [client, orderId]),
    pollMs,
  );
  const seconds = rank ? rank.takenMs / 1000 : takenSec;
  return (
    <div className="panel">
      <p className="taken">{text.timeTaken(format.duration(seconds))}</p>
      {rank && <RoundPlace rank={rank} />}
      {rank && (
        <dl className="stages laps">
          {[
            [text.stageChosen, rank.chosenMs],
            [text.stagePaid, rank.paidMs - rank.chosenMs],
            [text.stageTickets, rank.takenMs - rank.paidMs],
          ].map(([stage, ms]) => (
            <div key={stage}>
              <dt>{stage}</dt>
              <dd>{format.lapTime(Number(ms))}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
