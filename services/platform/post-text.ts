import type { Dispatcher } from 'undici';

export interface PostedText {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** For all of it: waiting for a connection, headers and body of the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Posts text and resolves with the answer's status and text; rejects when there is none in time, or the signal says so. A
 * plain handler and a plain timer: undici's `request` makes a stream of every answer, and an AbortSignal with a timeout costs
 * as much as signing the call does.
 */
export function postText(
  pool: Dispatcher,
  { path, headers, body, timeoutMs, signal }: PostedText,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let ended = false;
    let status = 0;
    const chunks: Buffer[] = [];

    const end = () => {
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (reason: Error) => {
      if (ended) return;
      end();
      reject(reason);
      controller?.abort(reason);
    };
    const onAbort = () => fail(signal!.reason as Error);
    const timer = setTimeout(() => fail(new Error(`No answer within ${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) {
      onAbort();
      return;
    }

    pool.dispatch(
      { method: 'POST', path, headers, body },
      {
        onRequestStart(started) {
          controller = started;
          // It may have waited for a connection for longer than its caller did.
          if (ended) started.abort(new Error('Given up before it was sent'));
        },
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          if (ended) return;
          end();
          resolve({ status, text: (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString() });
        },
        onResponseError: (_controller, error) => fail(error),
      },
    );
  });
}
