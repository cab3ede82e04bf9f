import { useSpeech } from '../i18n/language.tsx';
import type { NoticeCode } from '../purchase/purchase.ts';

interface NoticeProps {
  readonly code: NoticeCode | null;
  readonly onDismiss?: () => void;
}

/** What went wrong, and what to do next. It is read out at once. */
export function Notice({ code, onDismiss }: NoticeProps) {
  const { text } = useSpeech();
  const words = code === null ? undefined : text.notices[code];
  return (
    <div role="alert" className={words ? 'notice' : undefined} data-notice={code ?? undefined}>
      {words && (
        <>
          <p>
            <strong>{words[0]}</strong> {words[1]}
          </p>
          {onDismiss && (
            <button type="button" className="link-button" onClick={onDismiss}>
              {text.dismiss}
            </button>
          )}
        </>
      )}
    </div>
  );
}
