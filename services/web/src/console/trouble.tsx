import type { Polled } from '../shared/use-polled.ts';
import { useWords } from './use-words.ts';

/** What is in the way of fresh figures, in the services' own words where they have any. */
export function Trouble({ trouble }: { trouble: Polled<unknown>['trouble'] }) {
  const { words } = useWords();
  const isSaid = trouble?.outcome === 'refused' && trouble.message !== '';
  return (
    <div role="status" className={trouble ? 'banner' : undefined} data-trouble={trouble?.outcome}>
      {trouble && words.noAnswer} {isSaid && trouble.message}
    </div>
  );
}
