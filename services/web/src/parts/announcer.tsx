import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let said = { words: '', turn: 0 };

/** Says something to who listens to the page instead of looking at it. */
export function announce(words: string): void {
  said = { words, turn: said.turn + 1 };
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The one live region of the page: it is there from the beginning, or screen readers miss what comes first. */
export function Announcer() {
  const { words, turn } = useSyncExternalStore(subscribe, () => said);
  return (
    <p className="visually-hidden" role="status" data-testid="announcer">
      <span key={turn}>{words}</span>
    </p>
  );
}
