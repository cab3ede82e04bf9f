import type { ErrorCode } from '@onsale/contracts/error-codes';
import type { Answer, Refused } from './answer.ts';

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `text` reads the bytes as one character each. */
  readonly as?: 'json' | 'text';
  readonly signal?: AbortSignal | undefined;
}

/** Beyond this nobody waits; the request may be repeated. */
const deadlineMs = 10_000;

/** Sends one request. Rejects only when `signal` is aborted. */
export async function send<Body>(url: string, call: Call = {}): Promise<Answer<Body>> {
  const { method = 'GET', body, headers = {}, as = 'json', signal } = call;
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    const response = await fetch(url, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    if (response.status === 304) return { outcome: 'unchanged' };
    if (!response.ok) return await refusal(response);
    const etag = response.headers.get('etag') ?? undefined;
    const read: unknown = as === 'json' ? await response.json() : latin1.decode(await response.arrayBuffer());
    return { outcome: 'ok', body: read as Body, etag };
  } catch {
    signal?.throwIfAborted();
    return { outcome: 'unreachable' };
  }
}

const latin1 = new TextDecoder('latin1');

/** A gateway's own error page has no code: it means that what is behind it does not answer. */
async function refusal(response: Response): Promise<Refused> {
  const { error = 'unavailable', message = '' } = (await response.json().catch(() => ({}))) as {
    error?: ErrorCode;
    message?: string;
  };
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    outcome: 'refused',
    status: response.status,
    code: error,
    message,
    retryAfterSec: Number.isFinite(retryAfter) ? retryAfter : undefined,
  };
}
