import { Type } from 'typebox';
import { httpEnv, identityNeeds, paymentEnv, processEnv, queueEnv, storesEnv, ticketEnv } from './common.ts';
import { List } from './setting.ts';

/** Settings of confirm-api. */
export const ConfirmApiEnv = Type.Object(
  {
    ...processEnv,
    ...httpEnv,
    ...storesEnv,
    ...queueEnv,
    ...paymentEnv,
    ...ticketEnv,
    PAYMENT_WEBHOOK_SECRETS: List(
      'Secrets of the payment provider’s signature; any of them is accepted, so one can be replaced',
      {
        pattern: '^[^,\\s]{16,}(,[^,\\s]{16,})*$',
        expected: 'one or more secrets of at least 16 characters, separated by commas',
        secret: true,
      },
    ),
  },
  { $id: 'confirm-api', needs: identityNeeds },
);

export type ConfirmApiEnv = Type.Static<typeof ConfirmApiEnv>;
