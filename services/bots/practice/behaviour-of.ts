import type { BotsEnv } from '@onsale/contracts/env/bots';
import type { Behaviour } from '../behaviour/behaviour.ts';
import { parseMix } from '../behaviour/parse-mix.ts';

/** The behaviour the settings ask for. */
export function behaviourOf(config: BotsEnv): Behaviour {
  const mix = parseMix(config.BOTS_STRATEGIES);
  if (!mix) throw new Error('BOTS_STRATEGIES should give at least one strategy a part of the bots');
  return {
    mix,
    reactionMs: config.BOTS_REACTION_MS,
    choosingMs: config.BOTS_CHOOSING_MS,
    typingMs: config.BOTS_TYPING_MS,
    delaySpread: config.BOTS_DELAY_SPREAD,
    lostSeats: config.BOTS_LOST_SEATS,
    abandonShare: config.BOTS_ABANDON_PERCENT / 100,
  };
}
