import { useSpeech } from '../i18n/language.tsx';
import { consoleEn, type ConsoleMessages } from './words/console-en.ts';
import { consoleKo } from './words/console-ko.ts';

const tables: Record<'en' | 'ko', ConsoleMessages> = { en: consoleEn, ko: consoleKo };

/** The console's words, beside the page's and its formats, in the language chosen. */
export function useWords() {
  const speech = useSpeech();
  return { ...speech, words: tables[speech.language] };
}
