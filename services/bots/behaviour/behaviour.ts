/** The ways a bot chooses seats. */
export const strategies = ['front-rows', 'random-seat', 'best-available', 'scattered-pairs'] as const;
export type Strategy = (typeof strategies)[number];

/** How a crowd of bots behaves; each bot's own character is drawn from it. */
export interface Behaviour {
  /** Parts of the crowd that choose in each way. */
  readonly mix: Readonly<Partial<Record<Strategy, number>>>;
  /** The middle of each delay: half of all draws are shorter. */
  readonly reactionMs: number;
  readonly choosingMs: number;
  readonly typingMs: number;
  /** Standard deviation of the delays' logarithm; 0: all alike. */
  readonly delaySpread: number;
  /** A bot gives up at the latest after losing this many choices. */
  readonly lostSeats: number;
  /** Share that walks away from the payment, 0 to 1. */
  readonly abandonShare: number;
}
