/** Of the document, what tells whether anybody can see the page. */
export type Visibility = Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;

/**
 * Calls `ask` at once, and again after as many milliseconds as it resolves with, while the page is visible; at once again
 * when it comes back. One call at a time. Returns what ends it and aborts the call under way.
 */
export function pollWhileVisible(
  ask: (signal: AbortSignal) => Promise<number>,
  page: Visibility = document,
): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  const schedule = (ms: number) => {
    clearTimeout(timer);
    if (page.hidden || isAsking || signal.aborted) return;
    timer = setTimeout(() => void poll().catch(() => undefined), ms);
  };
  const poll = async () => {
    isAsking = true;
    const afterMs = await ask(signal);
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
