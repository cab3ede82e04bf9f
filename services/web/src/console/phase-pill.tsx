import { useWords } from './use-words.ts';
import type { Phase } from './words/console-text-shapes.ts';

/** A sale's phase in a word. */
export function PhasePill({ phase }: { phase: Phase }) {
  const { words } = useWords();
  const look = { 'on-sale': 'pill-open', cancelled: 'pill-cancelled' }[phase as string] ?? '';
  return (
    <span className={`pill ${look}`} data-phase={phase}>
      {words.phases[phase]}
    </span>
  );
}
