import { useSyncExternalStore } from 'react';
import { useSpeech } from '../i18n/language.tsx';
import type { Connection } from '../purchase/persist-ask.ts';

const subscribeOnline = (listener: () => void) => {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
};

/** Says that an answer is late and that the page goes on asking. */
export function ConnectionBanner({ connection }: { connection: Connection }) {
  const { text } = useSpeech();
  // The device knows before an answer fails to come.
  const isOnline = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  const shown = isOnline ? connection : 'reconnecting';
  return (
    <div role="status" className={shown === 'ok' ? undefined : 'banner'} data-connection={shown}>
      {shown === 'reconnecting' && text.reconnecting}
      {shown === 'busy' && text.busy}
    </div>
  );
}
