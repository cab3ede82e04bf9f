import type { SaleEvent } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { isPractice } from '../shared/sale-stage.ts';

/** When it is, and how many tickets one person may have. */
export function EventFacts({ event }: { event: SaleEvent }) {
  const { text, format } = useSpeech();
  const limit = event.perBuyer === null ? [] : [text.upTo(format.count(event.perBuyer))];
  if (isPractice(event)) return <>{[text.practiceIntro, ...limit].join(' ')}</>;
  return <>{[format.dateTime(event.eventDate), ...limit].join(' · ')}</>;
}
