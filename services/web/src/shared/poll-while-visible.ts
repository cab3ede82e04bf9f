/** Of the document, what tells whether anybody can see the page. */
export type Visibility = Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;

/** A fault of ours is no reason to stop following a sale for good, nor to ask without pause. */
const brokenRetryMs = 5000;

/**
 * Calls `ask` at once, and again after as many milliseconds as it resolves with, while the page is visible; at once again
 * when it comes back, and after a while when it throws. One call at a time. Returns what ends it and aborts the call under
 * way.
 */
export function pollWhileVisible(
  ask: (signal: AbortSignal) => Promise<number>,
  page: Visibility = document,
  retryMs = brokenRetryMs,
): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  const schedule = (ms: number) => {
    clearTimeout(timer);
    if (page.hidden || isAsking || signal.aborted) return;
    timer = setTimeout(() => void poll(), ms);
  };
  const poll = async () => {
    isAsking = true;
    let afterMs = retryMs;
    try {
      afterMs = await ask(signal);
    } catch (error) {
      if (!signal.aborted) reportError(error);
    }
    isAsking = false;
    schedule(afterMs);
  };
  const onVisibility = () => schedule(0);
  page.addEventListener('visibilitychange', onVisibility);
  schedule(0);
  return () => {
    leaving.abort();
    clearTimeout(timer);
    page.removeEventListener('visibilitychange', onVisibility);
  };
}
