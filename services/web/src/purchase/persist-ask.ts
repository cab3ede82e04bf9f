import { type Answer, isPassing, type Refused } from '../api/answer.ts';
import { retryDelayMs, wait } from './wait.ts';

/** What the page shows while an answer is late. */
export type Connection = 'ok' | 'reconnecting' | 'busy';

/**
 * Asks until there is an answer that asking again would not change; tells `onConnection` what is in the way meanwhile.
 * Rejects when aborted.
 */
export async function persistAsk<Body>(
  ask: () => Promise<Answer<Body>>,
  signal: AbortSignal,
  onConnection: (connection: Connection) => void,
): Promise<Exclude<Answer<Body>, { outcome: 'unreachable' }> | Refused> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask();
    signal.throwIfAborted();
    if (answer.outcome === 'unreachable') {
      onConnection('reconnecting');
      await wait(retryDelayMs(attempt, Math.random), signal, true);
      continue;
    }
    if (answer.outcome === 'refused' && isPassing(answer)) {
      onConnection('busy');
      const asked = (answer.retryAfterSec ?? 0) * 1000;
      await wait(Math.max(asked, retryDelayMs(attempt, Math.random)), signal);
      continue;
    }
    onConnection('ok');
    return answer;
  }
}
