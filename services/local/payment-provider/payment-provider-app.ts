import { setTimeout as delay } from 'node:timers/promises';
import { signatureHeader, signBody } from '@onsale/orders/payments/signature';
import { createHttpApp } from '@onsale/platform/http/create-http-app';
import type { HttpApp } from '@onsale/platform/http/register-route';
import { sendError } from '@onsale/platform/http/send-error';
import type { Logger } from 'pino';
import { Type } from 'typebox';
import { eventsOf, PaymentBehaviour, type PaymentEvent } from './payment-behaviour.ts';
import { PaymentLedger } from './payment-ledger.ts';

export interface PaymentProviderSettings {
  /** Where events are reported to. */
  readonly webhookUrl: string;
  readonly webhookSecret: string;
  /** The merchant's key; calls that move money need it. */
  readonly key: string;
  readonly behaviour: PaymentBehaviour;
  readonly lateMs: number;
  readonly ledgerFile: string | undefined;
  readonly logger: Logger;
}

interface Payment {
  readonly intentId: string;
  readonly amount: number;
  readonly currency: string;
  behaviour: PaymentBehaviour;
  status: 'open' | 'captured' | 'failed';
}

const retryMaxMs = 5000;

/**
 * A payment provider as a merchant sees one: payments are opened and refunded over HTTP, events come back signed and are
 * repeated until they are answered with 200. Nobody's money is involved.
 */
export function createPaymentProviderApp(settings: PaymentProviderSettings): HttpApp {
  const { logger } = settings;
  const ledger = new PaymentLedger(settings.ledgerFile);
  const payments = new Map<string, Payment>();
  /** Behaviours chosen before the payment was opened, by intent and by customer. */
  const chosen = new Map<string, PaymentBehaviour>();
  const chosenByCustomer = new Map<string, PaymentBehaviour>();
  let behaviour = settings.behaviour;
  const closing = new AbortController();

  const report = async (event: PaymentEvent) => {
    const body = JSON.stringify(event);
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      try {
        const answer = await fetch(settings.webhookUrl, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            [signatureHeader]: signBody(settings.webhookSecret, body, Date.now()),
          },
          body,
          signal: AbortSignal.any([closing.signal, AbortSignal.timeout(5000)]),
        });
        await answer.arrayBuffer();
        if (answer.ok) return;
        logger.warn({ event: 'webhook_refused', status: answer.status }, 'The merchant refused an event');
      } catch (error) {
        logger.warn({ event: 'webhook_failed', err: error }, 'The merchant did not answer');
      }
      await delay(Math.min(100 * 2 ** attempt, retryMaxMs), undefined, { signal: closing.signal }).catch(
        () => undefined,
      );
    }
  };

  const settle = async (payment: Payment, how: PaymentBehaviour) => {
    if (how === 'late') {
      await delay(settings.lateMs, undefined, { signal: closing.signal }).catch(() => undefined);
      if (closing.signal.aborted) return;
    }
    for (const event of eventsOf(how, payment.intentId, payment.amount)) {
      if (event.type === 'payment.captured') {
        ledger.capture(event.paymentId, payment.intentId, event.amount);
        payment.status = 'captured';
      } else if (payment.status === 'open') payment.status = 'failed';
      await report(event);
    }
  };

  const app = createHttpApp({ logger });
  app.addHook('onClose', async () => closing.abort());
  app.addHook('onRequest', async (request, reply) => {
    const movesMoney = request.method === 'POST' && /^\/(payments|refunds)$/.test(request.url);
    if (movesMoney && request.headers.authorization !== `Bearer ${settings.key}`) {
      return sendError(reply, 'unauthorized', "Send the merchant's key as a bearer token");
    }
  });

  const Amount = Type.Integer({ minimum: 0 });
  const Id = Type.String({ minLength: 1, maxLength: 200 });

  app.post(
    '/payments',
    {
      schema: {
        body: Type.Object({
          intentId: Id,
          amount: Amount,
          currency: Type.String(),
          customer: Type.Optional(Id),
        }),
      },
    },
    async (request, reply) => {
      const { intentId, amount, currency, customer = '' } = request.body;
      const known = payments.get(intentId);
      if (known) return reply.send(known);
      const payment: Payment = {
        intentId,
        amount,
        currency,
        behaviour: chosen.get(intentId) ?? chosenByCustomer.get(customer) ?? behaviour,
        status: 'open',
      };
      payments.set(intentId, payment);
      void settle(payment, payment.behaviour);
      return reply.code(201).send(payment);
    },
  );

  app.get(
    '/payments/:intentId',
    { schema: { params: Type.Object({ intentId: Id }) } },
    async (request, reply) => {
      const payment = payments.get(request.params.intentId);
      return payment ? reply.send(payment) : sendError(reply, 'not_found', 'There is no such payment');
    },
  );

  // What the buyer does on the provider's own page.
  app.post(
    '/payments/:intentId/pay',
    {
      schema: {
        params: Type.Object({ intentId: Id }),
        body: Type.Object({ behaviour: Type.Optional(PaymentBehaviour) }),
      },
    },
    async (request, reply) => {
      const payment = payments.get(request.params.intentId);
      if (!payment) return sendError(reply, 'not_found', 'There is no such payment');
      void settle(payment, request.body.behaviour ?? 'success');
      return reply.code(202).send({ accepted: true });
    },
  );

  app.put(
    '/payments/:intentId/behaviour',
    {
      schema: { params: Type.Object({ intentId: Id }), body: Type.Object({ behaviour: PaymentBehaviour }) },
    },
    async (request) => {
      chosen.set(request.params.intentId, request.body.behaviour);
      return { behaviour: request.body.behaviour };
    },
  );

  // A page with a payment step of its own asks for `manual`: its buyer says how the payment goes.
  app.put(
    '/customers/:customer/behaviour',
    {
      schema: { params: Type.Object({ customer: Id }), body: Type.Object({ behaviour: PaymentBehaviour }) },
    },
    async (request) => {
      chosenByCustomer.set(request.params.customer, request.body.behaviour);
      return { behaviour: request.body.behaviour };
    },
  );

  app.put(
    '/behaviour',
    { schema: { body: Type.Object({ behaviour: PaymentBehaviour }) } },
    async (request) => {
      behaviour = request.body.behaviour;
      return { behaviour };
    },
  );

  app.post(
    '/refunds',
    { schema: { body: Type.Object({ refundId: Id, paymentId: Id, amount: Amount }) } },
    async (request, reply) => {
      const { refundId, paymentId, amount } = request.body;
      const outcome = ledger.refund(refundId, paymentId, amount);
      switch (outcome) {
        case 'refunded':
          return reply.code(201).send({ refundId });
        case 'repeated':
          return reply.send({ refundId });
        case 'unknown-payment':
          return sendError(reply, 'not_found', 'There is no such payment');
        case 'exceeds-capture':
          return sendError(reply, 'conflict', 'More than was captured');
      }
    },
  );

  app.get('/ledger', async () => ({ ...ledger.totals(), entries: ledger.entries() }));
  return app;
}
