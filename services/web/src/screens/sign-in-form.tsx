import { type FormEvent, useId, useState } from 'react';
import { Notice } from '../parts/notice.tsx';
import { useSpeech } from '../i18n/language.tsx';
import type { NoticeCode } from '../purchase/purchase.ts';
import type { PageSettings } from '../session/page-settings.ts';
import { signInLocally, signInWithToken } from '../session/session.ts';

/** As the services have it: visible ASCII without spaces. */
const userIdPattern = /^[\x21-\x7e]{1,128}$/;

/** Asks who is buying: by name at the local runner, else by the identity provider's token. */
export function SignInForm({ signIn, onDone }: { signIn: PageSettings['signIn']; onDone?: () => void }) {
  const { text } = useSpeech();
  const id = useId();
  const [value, setValue] = useState('');
  const [isBad, setBad] = useState(false);
  const [notice, setNotice] = useState<NoticeCode | null>(null);
  const isLocal = signIn === 'local';
  const [label, hint, bad] = isLocal
    ? [text.userName, text.userNameHint, text.userNameBad]
    : [text.tokenLabel, text.tokenHint, text.tokenBad];

  const submit = async () => {
    const entered = value.trim();
    setNotice(null);
    if (isLocal) {
      if (!userIdPattern.test(entered)) return setBad(true);
      const answer = await signInLocally(entered);
      if (answer.outcome === 'ok') return onDone?.();
      setNotice(answer.outcome === 'refused' ? answer.code : 'unreachable');
    } else if (signInWithToken(entered)) onDone?.();
    else setBad(true);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit();
  };

  return (
    <form className="sign-in" onSubmit={onSubmit} noValidate>
      <Notice code={notice} />
      <label htmlFor={id} className="field-label">
        {label}
      </label>
      <input
        id={id}
        value={value}
        autoComplete={isLocal ? 'username' : 'off'}
        autoCapitalize="none"
        spellCheck={false}
        aria-describedby={`${id}-hint`}
        aria-invalid={isBad}
        onChange={(event) => {
          setValue(event.target.value);
          setBad(false);
        }}
      />
      <p
        id={`${id}-hint`}
        className={isBad ? 'field-error' : 'field-hint'}
        role={isBad ? 'alert' : undefined}
      >
        {isBad ? bad : hint}
      </p>
      <button type="submit" className="button">
        {text.signIn}
      </button>
      {!isLocal && signIn.url !== null && (
        <a className="button button-quiet" href={signIn.url}>
          {text.continueToSignIn}
        </a>
      )}
    </form>
  );
}
