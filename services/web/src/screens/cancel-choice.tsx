import { useEffect, useRef, useState } from 'react';
import { useSpeech } from '../i18n/language.tsx';

interface CancelChoiceProps {
  readonly busy: boolean;
  readonly onCancel: () => void;
}

/** Cancelling, asked twice. */
export function CancelChoice({ busy, onCancel }: CancelChoiceProps) {
  const { text } = useSpeech();
  const [isAsking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isAsking) keep.current?.focus();
  }, [isAsking]);
  if (!isAsking) {
    return (
      <button type="button" className="link-button danger" onClick={() => setAsking(true)}>
        {text.cancelOrder}
      </button>
    );
  }
  return (
    <div className="cancel-choice" role="group" aria-label={text.cancelSure}>
      <p>
        <strong>{text.cancelSure}</strong> {text.cancelWarning}
      </p>
      <div className="actions">
        <button ref={keep} type="button" className="button button-quiet" onClick={() => setAsking(false)}>
          {text.cancelNo}
        </button>
        <button type="button" className="button button-danger" disabled={busy} onClick={onCancel}>
          {text.cancelYes}
        </button>
      </div>
    </div>
  );
}
