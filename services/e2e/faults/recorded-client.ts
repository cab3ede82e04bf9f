import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Answered, Asked, History } from './history.ts';

/** Longer than a service takes to say that an engine is away. */
const patienceMs = 10_000;

/** Sends requests as buyers do, and records each with what came of it. */
export interface RecordedClient {
  send(
    asked: Asked,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Answered>;
  close(): Promise<void>;
}

/** Makes a client of the one address; connections are shared by all buyers. */
export function createRecordedClient(base: string, history: History): RecordedClient {
  const agent = new Agent({ connections: 256, keepAliveTimeout: 10_000 });
  return {
    send: (asked, method, path, { body, headers = {} } = {}) =>
      history.record(asked, async () => {
        const answer = await request(base + path, {
          method,
          dispatcher: agent,
          headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(patienceMs),
        });
        const text = await answer.body.text();
        const retryAfter = answer.headers['retry-after'];
        return {
          status: answer.statusCode,
          retryAfter: retryAfter === undefined ? undefined : String(retryAfter),
          body: parse(text),
        };
      }),
    close: () => agent.close(),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}

/** The header a payment provider signs its events with. */
export function signedCallback(secret: string, body: string): Record<string, string> {
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return { 'x-onsale-signature': `t=${seconds},v1=${signature}` };
}
