import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { createSharedValue } from '../shared/shared-value.ts';
import { useSharedValue } from '../shared/use-shared-value.ts';
import { en, type Messages } from './en.ts';
import { createFormats, type Formats } from './formats.ts';
import { ko } from './ko.ts';

type Language = 'en' | 'ko';

const tables: Record<Language, Messages> = { en, ko };
const preferred: Language = navigator.language.startsWith('ko') ? 'ko' : 'en';
const chosen = createSharedValue<Language>('onsale.language', preferred, localStorage, window);

interface Speech {
  readonly language: Language;
  readonly text: Messages;
  readonly format: Formats;
}

const SpeechContext = createContext<Speech>({ language: 'en', text: en, format: createFormats('en', en) });

/** Gives the screens below their words and formats, and tells the browser which language they are in. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const language = useSharedValue(chosen);
  const speech = useMemo(
    () => ({ language, text: tables[language], format: createFormats(language, tables[language]) }),
    [language],
  );
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

/** The language chosen, its words and its formats. */
export function useSpeech(): Speech {
  return useContext(SpeechContext);
}

/** To the other of the two languages. */
export function switchLanguage(): void {
  chosen.set(chosen.get() === 'en' ? 'ko' : 'en');
}
