import { paymentCallbackRoute } from '@onsale/contracts/http/confirm-routes';
import type { PaymentEvents } from '@onsale/orders/payments/record-payment-events';
import { isSignedBody, signatureHeader } from '@onsale/orders/payments/signature';
import type { Clock } from '@onsale/platform/clock';
import { asUnavailable } from '@onsale/platform/engine-errors';
import { ApiError } from '@onsale/platform/http/api-error';
import { registerRoute, type HttpApp } from '@onsale/platform/http/register-route';

export interface PaymentCallbackDeps {
  readonly orders: { readonly paymentEvents: Pick<PaymentEvents, 'record'> };
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly webhookSecrets: readonly string[];
}

/**
 * Serves the provider's callback. The signature is over the bytes as they came and is checked before anything else is
 * said about them: who has not signed learns nothing, not even that the JSON is broken.
 */
export function registerPaymentCallback(
  app: HttpApp,
  { orders, clock, webhookSecrets }: PaymentCallbackDeps,
): void {
  // In a scope of its own: here a body of any type is bytes until its signature has been checked.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.addHook('preValidation', async (request) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const header = request.headers[signatureHeader];
      const signature = typeof header === 'string' ? header : undefined;
      if (!isSignedBody(webhookSecrets, signature, body, clock.nowMs())) {
        throw new ApiError(
          'bad_signature',
          `The ${signatureHeader} header does not fit the body and the time`,
        );
      }
      try {
        request.body = JSON.parse(body.toString('utf8'));
      } catch (cause) {
        throw new ApiError('bad_request', 'The body is not valid JSON', { cause });
      }
    });
    registerRoute(scope as unknown as HttpApp, paymentCallbackRoute, async (request, reply) => {
      const { type, intentId, paymentId, amount } = request.body;
      if (!Number.isSafeInteger(amount)) throw new ApiError('bad_request', 'body.amount is too large');
      await orders.paymentEvents
        .record({ type, intentId, paymentId, amountMinor: amount })
        .catch((error: unknown) => {
          throw asUnavailable(error) ?? error;
        });
      return await reply.header('cache-control', 'no-store').send({ received: true });
    });
  });
}
