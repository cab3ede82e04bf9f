import type { SaleEvent } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { isPractice } from '../shared/sale-stage.ts';

/** When it is, and how many tickets one person may have. */
export function EventFacts({ event }: { event: SaleEvent }) {
  const { text, format } = useSpeech();
  const facts = isPractice(event) ? [text.practiceIntro] : [format.dateTime(event.eventDate)];
  if (event.perBuyer !== null) facts.push(text.upTo(format.count(event.perBuyer)));
  return <>{facts.join(' · ')}</>;
}
