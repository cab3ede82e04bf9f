import type { OrderRank } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';

/** Where an order came in its round, people and bots told apart: against whom somebody was fast matters. */
export function RoundPlace({ rank }: { rank: OrderRank }) {
  const { text, format } = useSpeech();
  const { others, otherBots, faster, fasterBots, percentile } = rank;
  if (others === 0) return <p className="rank muted">{text.rankAlone}</p>;
  const people = others - otherBots + 1;
  const { count } = format;
  return (
    <>
      <p className="rank-place">{text.rankPlace(count(faster + 1), count(others + 1))}</p>
      <p className="rank muted">{text.rankFaster(format.percent(percentile / 100))}</p>
      <dl className="stages racers">
        <div>
          <dt>{text.rankPeople}</dt>
          <dd>{text.rankAmong(count(faster - fasterBots + 1), count(people))}</dd>
        </div>
        <div>
          <dt>{text.rankBots}</dt>
          <dd>{text.rankFasterBots(count(fasterBots), count(otherBots))}</dd>
        </div>
      </dl>
    </>
  );
}
