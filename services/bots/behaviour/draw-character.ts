import type { SeededRandom } from '@onsale/platform/seeded-random';
import { type Behaviour, strategies, type Strategy } from './behaviour.ts';
import { drawDelayMs } from './draw-delay.ts';

/** Who a bot is. Equal seeds draw equal characters, whose delays come in the same order again. */
export interface Character {
  readonly strategy: Strategy;
  /** Seats it wants. */
  readonly partySize: number;
  /** Choices it loses before it gives up. */
  readonly patience: number;
  /** Walks away from the payment. */
  readonly abandons: boolean;
  /** Draws the next time it takes for something. */
  nextDelayMs(what: 'reaction' | 'choosing' | 'typing'): number;
  /** What it chooses seats by. */
  readonly seatRandom: SeededRandom;
}

/** How many people out of twenty come alone, as two, as three, as four. */
const parties = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4] as const;

/** Draws a bot's character; nobody wants more than `perBuyer` seats, or odd ones with pairs in mind. */
export function drawCharacter(random: SeededRandom, behaviour: Behaviour, perBuyer: number): Character {
  const self = random.fork('character');
  const delays = random.fork('delays');
  const strategy = drawStrategy(self, behaviour.mix);
  const wanted = self.pick(parties);
  const inPairs = strategy === 'scattered-pairs' ? wanted + (wanted % 2) : wanted;
  return {
    strategy,
    partySize: Math.min(inPairs, perBuyer),
    patience: self.between(Math.ceil(behaviour.lostSeats / 2), behaviour.lostSeats),
    abandons: self.chance(behaviour.abandonShare),
    nextDelayMs: (what) => drawDelayMs(delays, behaviour[`${what}Ms`], behaviour.delaySpread),
    seatRandom: random.fork('seats'),
  };
}

function drawStrategy(random: SeededRandom, mix: Behaviour['mix']): Strategy {
  return random.pick(
    strategies.flatMap((strategy) => Array.from({ length: mix[strategy] ?? 0 }, () => strategy)),
  );
}
