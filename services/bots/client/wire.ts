import { Agent } from 'undici';
import type { Answer, Exchange, Step } from './exchange.ts';

export interface WireRequest {
  readonly step: Step;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** The whole address. */
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests as a client's HTTP stack does, over connections its buyers share. */
export interface Wire {
  send<Body>(asked: WireRequest): Promise<Answer<Body>>;
  close(): Promise<void>;
}

const deadlineMs = 15_000;
const longestPauseMs = 5000;

/** Makes a {@link Wire}; `onExchange` hears of every request. */
export function createWire(onExchange: (exchange: Exchange) => void): Wire {
  const agent = new Agent({ connections: 256, keepAliveTimeout: 30_000 });
  return {
    close: () => agent.close(),
    async send<Body>({ step, method, url, body, headers }: WireRequest): Promise<Answer<Body>> {
      const startedMs = performance.now();
      const report = (status: number) =>
        onExchange({ step, status, elapsedMs: performance.now() - startedMs });
      let status: number;
      let text: string;
      let retryAfter: number;
      try {
        const { origin, pathname, search } = new URL(url);
        const answer = await agent.request({
          origin,
          path: `${pathname}${search}`,
          method,
          headersTimeout: deadlineMs,
          bodyTimeout: deadlineMs,
          headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        status = answer.statusCode;
        text = await answer.body.text();
        retryAfter = Number(answer.headers['retry-after']);
      } catch (error) {
        report(0);
        return { outcome: 'try-again', code: (error as { code?: string }).code ?? 'no_answer', afterMs: 500 };
      }
      report(status);
      const json = parse(text);
      if (status >= 200 && status < 300) return { outcome: 'ok', body: json as Body };
      const code = (json as { error?: string } | undefined)?.error ?? `status_${status}`;
      if (status !== 429 && status < 500) return { outcome: 'refused', status, code };
      const afterMs = Number.isFinite(retryAfter) ? Math.min(longestPauseMs, 1000 * retryAfter) : 500;
      return { outcome: 'try-again', code, afterMs };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
