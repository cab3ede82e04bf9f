import { useSpeech } from '../i18n/language.tsx';
import type { Connection } from '../purchase/persist-ask.ts';

/** Says that an answer is late and that the page goes on asking. */
export function ConnectionBanner({ connection }: { connection: Connection }) {
  const { text } = useSpeech();
  return (
    <div role="status" className={connection === 'ok' ? undefined : 'banner'} data-connection={connection}>
      {connection === 'reconnecting' && text.reconnecting}
      {connection === 'busy' && text.busy}
    </div>
  );
}
