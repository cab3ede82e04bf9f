import { Type } from 'typebox';
import { paymentEnv, processEnv, queueEnv, storesEnv } from './common.ts';
import { HttpUrl, Milliseconds, Seconds, secret } from './setting.ts';

/** Settings of confirm-worker. */
export const ConfirmWorkerEnv = Type.Object(
  {
    ...processEnv,
    ...storesEnv,
    ...queueEnv,
    ...paymentEnv,
    COMMIT_DLQ_URL: Type.Optional(HttpUrl('SQS FIFO queue that poison messages end in; redrive reads it')),
    ADMIN_TOKEN: Type.Optional(
      Type.String({
        description: 'Bearer token of the admin routes on the internal port; without it they answer 401',
        pattern: '^[\\x21-\\x7e]{16,}$',
        expected: 'at least 16 visible characters',
        ...secret,
      }),
    ),
    WORKER_CONCURRENCY: Type.Integer({
      description: 'Batches of up to ten messages worked on at once',
      minimum: 1,
      maximum: 64,
      default: 4,
    }),
    VISIBILITY_TIMEOUT_SEC: Seconds('How long a message stays hidden while it is worked on', {
      default: 60,
      minimum: 5,
    }),
    QUEUE_WAIT_SEC: Seconds(
      'How long a poll of an empty queue lasts; a stopping worker waits for the one under way',
      {
        default: 5,
      },
    ),
    RESEND_INTERVAL_MS: Milliseconds('How often accepted commits that were never sent are looked for', {
      default: 2000,
      minimum: 10,
    }),
    RESEND_AFTER_MS: Milliseconds('How old an accepted commit without its message must be to be sent again', {
      default: 5000,
    }),
    REFUND_INTERVAL_MS: Milliseconds('How often due refunds are looked for', { default: 1000, minimum: 10 }),
    PAYMENT_SWEEP_INTERVAL_MS: Milliseconds('How often captures that ended without tickets are looked for', {
      default: 5000,
      minimum: 10,
    }),
  },
  { $id: 'confirm-worker' },
);

export type ConfirmWorkerEnv = Type.Static<typeof ConfirmWorkerEnv>;
