import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import { postText } from '@onsale/platform/post-text';
import { Pool } from 'undici';
import type { PaymentProvider } from './payment-provider.ts';

export interface HttpPaymentProviderSettings {
  readonly url: string;
  /** Sent as bearer token. */
  readonly key?: string | undefined;
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
}

/** To the provider; more calls wait for one. */
const maxConnections = 64;

/** The provider refused: asking again would not help. */
export class PaymentRefusedError extends Error {
  readonly status: number;

  constructor(path: string, status: number, text: string) {
    super(`The payment provider answered ${status} to ${path}: ${text.slice(0, 200)}`);
    this.name = 'PaymentRefusedError';
    this.status = status;
  }
}

/**
 * A {@link PaymentProvider} over HTTP: `POST /payments` and `POST /refunds`, each with an Idempotency-Key. A call has a
 * deadline and is retried briefly; after ten failures in a row calls fail at once for five seconds, so that a provider
 * that is down costs nobody a connection. What fails stays in its outbox.
 */
export function createHttpPaymentProvider(settings: HttpPaymentProviderSettings): PaymentProvider {
  const { url, key, timeoutMs = 3000, maxRetries = 2 } = settings;
  const isTransient = (error: unknown) =>
    !(error instanceof PaymentRefusedError) && !(error instanceof BrokenCircuitError);
  const policy = wrap(
    retry(handleWhen(isTransient), {
      maxAttempts: maxRetries,
      backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1000 }),
    }),
    circuitBreaker(handleWhen(isTransient), { halfOpenAfter: 5000, breaker: new ConsecutiveBreaker(10) }),
  );
  const base = new URL(url);
  // Each call has a deadline of its own.
  const pool = new Pool(base.origin, {
    connections: maxConnections,
    connect: { timeout: timeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const pathOf = (path: string) => new URL(path, base).pathname;
  const paymentsPath = pathOf('/payments');
  const refundsPath = pathOf('/refunds');

  const post = async (path: string, idempotencyKey: string, body: object) => {
    await policy.execute(async () => {
      const { status, text } = await postText(pool, {
        path,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          ...(key ? { authorization: `Bearer ${key}` } : {}),
        },
        body: JSON.stringify(body),
        timeoutMs,
      });
      if (status >= 200 && status < 300) return;
      const retryable = status >= 500 || status === 429 || status === 408;
      if (!retryable) throw new PaymentRefusedError(path, status, text);
      throw new Error(`The payment provider answered ${status} to ${path}`);
    });
  };

  return {
    openPayment: ({ intentId, amountMinor, currency, userId }) =>
      post(paymentsPath, intentId, { intentId, amount: amountMinor, currency, customer: userId }),
    refund: ({ refundId, paymentId, amountMinor }) =>
      post(refundsPath, refundId, { refundId, paymentId, amount: amountMinor }),
  };
}
