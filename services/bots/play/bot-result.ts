import type { StatusView } from '../client/buyer-client.ts';

/** How a bot's purchase can end. */
export const botOutcomes = [
  /** Tickets. */
  'confirmed',
  'rejected',
  /** Committed, and not decided within the time it was watched. */
  'undecided',
  /** Walked away from the payment; its seats are released. */
  'abandoned',
  /** Lost too many choices to others. */
  'gave-up',
  'sold-out',
  /** The sale closed before it had seats. */
  'too-late',
  /** An answer it could do nothing with, or the same trouble again and again. */
  'failed',
  /** Called off. */
  'stopped',
] as const;
export type BotOutcome = (typeof botOutcomes)[number];

/** What became of a bot; instants are epoch milliseconds of the services' clock. */
export interface BotResult {
  readonly userId: string;
  readonly outcome: BotOutcome;
  /** The code that ended it, when an answer did. */
  readonly code?: string;
  readonly enteredAtMs?: number;
  readonly admittedAtMs?: number;
  readonly heldAtMs?: number;
  /** When its order was seen decided. */
  readonly decidedAtMs?: number;
  /** The idempotency key of its commit. */
  readonly commitKey?: string;
  /** Order and payment as last seen. */
  readonly status?: StatusView;
}
