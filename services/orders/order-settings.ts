/** How long things may take. Defaults suit production; tests shorten them. */
export interface OrderSettings {
  /** How long a captured payment waits for its buyer to hold the seats before it is refunded. */
  readonly holdWaitSeconds: number;
  /** How long a commit waits for its capture before it is rejected. */
  readonly paymentWaitSeconds: number;
  /** What is left of that once the provider has reported a failure: time for another card. */
  readonly failedPaymentGraceSeconds: number;
  /** How old an accepted commit without its message must be before a sweeper sends it. */
  readonly resendAfterMs: number;
  /** How long a sent message may stay without effect before it is sent again; doubles with every attempt. */
  readonly lostMessageAfterSeconds: number;
  /** A commit that so many messages could not settle is rejected, and refunded. */
  readonly maxAttempts: number;
  /** How long a commit's answer waits for the queue; the commit is durable by then, and the sweeper sends it. */
  readonly sendWaitMs: number;
}

export const defaultOrderSettings: OrderSettings = {
  holdWaitSeconds: 600,
  paymentWaitSeconds: 600,
  failedPaymentGraceSeconds: 120,
  resendAfterMs: 5000,
  lostMessageAfterSeconds: 120,
  maxAttempts: 6,
  sendWaitMs: 2000,
};
