import { type FormEvent, useId, useState } from 'react';
import { Screen } from '../parts/screen.tsx';
import { useWords } from './use-words.ts';

interface TokenScreenProps {
  /** The services did not accept the last one. */
  readonly isRefused: boolean;
  readonly onToken: (token: string) => void;
}

/** Asks for the admin token, once a tab. */
export function TokenScreen({ isRefused, onToken }: TokenScreenProps) {
  const { words } = useWords();
  const id = useId();
  const [value, setValue] = useState('');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (value.trim() !== '') onToken(value.trim());
  };
  return (
    <Screen title={words.tokenTitle} intro={words.tokenIntro} className="narrow">
      <form className="panel sign-in" onSubmit={onSubmit}>
        <label htmlFor={id} className="field-label">
          {words.tokenLabel}
        </label>
        <input
          id={id}
          type="password"
          value={value}
          autoComplete="off"
          aria-invalid={isRefused}
          aria-describedby={`${id}-error`}
          onChange={(event) => setValue(event.target.value)}
        />
        <p id={`${id}-error`} className="field-error" role="alert">
          {isRefused && words.tokenRefused}
        </p>
        <button type="submit" className="button">
          {words.openConsole}
        </button>
      </form>
    </Screen>
  );
}
