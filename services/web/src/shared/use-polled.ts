import { useCallback, useEffect, useState } from 'react';
import type { Answer, Refused } from '../api/answer.ts';
import { pollWhileVisible } from './poll-while-visible.ts';

export interface Polled<Value> {
  readonly value: Value | undefined;
  /** The last question's trouble; the value may be old. */
  readonly trouble: Refused | { readonly outcome: 'unreachable' } | undefined;
  /** Asks now. */
  readonly refresh: () => void;
}

/** Asks at once and then every so often while the page is visible. `ask` must stay the same function while it means the same. */
export function usePolled<Value>(
  ask: (signal: AbortSignal) => Promise<Answer<Value>>,
  everyMs: number,
): Polled<Value> {
  const [value, setValue] = useState<Value>();
  const [trouble, setTrouble] = useState<Polled<Value>['trouble']>();
  const [turn, setTurn] = useState(0);
  const refresh = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => {
    return pollWhileVisible(async (signal) => {
      const answer = await ask(signal);
      if (answer.outcome === 'ok') {
        setValue(answer.body);
        setTrouble(undefined);
      } else if (answer.outcome !== 'unchanged') setTrouble(answer);
      return everyMs;
    });
  }, [ask, everyMs, turn]);
  return { value, trouble, refresh };
}
