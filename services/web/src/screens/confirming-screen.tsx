import type { SaleEvent } from '../api/wire.ts';
import { useSpeech } from '../i18n/language.tsx';
import { Screen } from '../parts/screen.tsx';

/** Paid; the order is being decided. */
export function ConfirmingScreen({ event }: { event: SaleEvent }) {
  const { text } = useSpeech();
  return (
    <Screen title={text.confirming} intro={event.eventName} className="narrow">
      <ul className="panel progress-steps">
        <li className="done">{text.stepPayment}</li>
        <li className="under-way">{text.stepIssued}</li>
      </ul>
      <p className="muted">{text.payingHint}</p>
    </Screen>
  );
}
