import { useEffect, useState } from 'react';
import { clock } from './keep-clock.ts';

/** The services' time, epoch milliseconds, fresh at every full second of it. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(() => clock.nowMs());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const now = clock.nowMs();
      setNowMs(now);
      timer = setTimeout(tick, 1000 - (now % 1000) + 5);
    };
    tick();
    return () => clearTimeout(timer);
  }, []);
  return nowMs;
}
