import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createSeededRandom, type SeededRandom } from '@onsale/platform/seeded-random';
import type { Behaviour } from '../behaviour/behaviour.ts';
import { drawCharacter } from '../behaviour/draw-character.ts';
import { createBuyerClient } from '../client/buyer-client.ts';
import type { Wire } from '../client/wire.ts';
import type { BotResult } from './bot-result.ts';
import { playBot } from './play-bot.ts';

/** A sale bots compete in; instants are epoch milliseconds of the services' clock. */
export interface PlayedSale {
  readonly eventId: string;
  readonly saleId: string;
  readonly opensAtMs: number;
  readonly closesAtMs: number;
  readonly perBuyer: number;
}

export interface SalePlay {
  readonly sale: PlayedSale;
  readonly count: number;
  /** With the sale's id it decides who the bots are. */
  readonly seed: string;
  readonly behaviour: Behaviour;
  readonly userIdOf: (index: number) => string;
  /** When a bot enters, milliseconds after the opening. */
  readonly arrivalMsOf: (index: number, random: SeededRandom) => number;
  readonly wire: Wire;
  readonly base: string;
  readonly simulatorUrl?: string | undefined;
  readonly bearerTokenOf?: ((userId: string) => Promise<string>) | undefined;
  readonly settleWithinMs: number;
  readonly nowMs: () => number;
  /** Calls all of them off. */
  readonly signal: AbortSignal;
  readonly onResult: (result: BotResult) => void;
}

const longestTimerMs = 2 ** 31 - 1;

/** Plays all bots of a sale; resolves with what became of each, and rejects only for faults of its own. */
export async function playSale(play: SalePlay): Promise<BotResult[]> {
  const { sale, signal } = play;
  setMaxListeners(0, signal);
  const pause = async (ms: number) => {
    if (ms > 0) await delay(Math.min(ms, longestTimerMs), undefined, { signal }).catch(() => undefined);
  };
  return Promise.all(
    Array.from({ length: play.count }, async (_, index) => {
      const random = createSeededRandom(`${play.seed}/${sale.saleId}/${index}`);
      const userId = play.userIdOf(index);
      const result = await playBot({
        character: drawCharacter(random, play.behaviour, sale.perBuyer),
        arrivalMs: play.arrivalMsOf(index, random.fork('arrival')),
        client: createBuyerClient({
          wire: play.wire,
          base: play.base,
          simulatorUrl: play.simulatorUrl,
          eventId: sale.eventId,
          userId,
          bearerToken: await play.bearerTokenOf?.(userId),
        }),
        sale,
        settleWithinMs: play.settleWithinMs,
        signal,
        nowMs: play.nowMs,
        newKey: randomUUID,
        pause,
      });
      play.onResult(result);
      return result;
    }),
  );
}
