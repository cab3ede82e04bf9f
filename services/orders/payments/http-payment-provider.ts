import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import type { PaymentProvider } from './payment-provider.ts';

export interface HttpPaymentProviderSettings {
  readonly url: string;
  /** Sent as bearer token. */
  readonly key?: string | undefined;
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
}

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
    timeout(timeoutMs, TimeoutStrategy.Aggressive),
  );

  const post = async (path: string, idempotencyKey: string, body: object) => {
    await policy.execute(async ({ signal }) => {
      const response = await fetch(new URL(path, url), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          ...(key ? { authorization: `Bearer ${key}` } : {}),
        },
        body: JSON.stringify(body),
        signal,
      });
      const text = await response.text();
      if (response.ok) return;
      const retryable = response.status >= 500 || response.status === 429 || response.status === 408;
      if (!retryable) throw new PaymentRefusedError(path, response.status, text);
      throw new Error(`The payment provider answered ${response.status} to ${path}`);
    });
  };

  return {
    openPayment: ({ intentId, amountMinor, currency, userId }) =>
      post('/payments', intentId, { intentId, amount: amountMinor, currency, customer: userId }),
    refund: ({ refundId, paymentId, amountMinor }) =>
      post('/refunds', refundId, { refundId, paymentId, amount: amountMinor }),
  };
}
