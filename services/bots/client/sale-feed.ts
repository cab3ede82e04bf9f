import type { publicHealthRoute } from '@onsale/contracts/http/public-routes';
import type { EventView } from '@onsale/contracts/http/api-routes';
import { parseSaleId } from '@onsale/contracts/sale/sale-id';
import type { Static } from 'typebox';
import type { PlayedSale } from '../play/play-sale.ts';
import type { Wire } from './wire.ts';

/** A seated event's current sale, as the event list shows it. */
export interface ListedSale extends PlayedSale {
  /** A round of a practice event: only those are numbered from 1 on. */
  readonly isPractice: boolean;
  readonly state: string;
}

/** What there is to buy, and by whose clock. */
export interface SaleFeed {
  /** The current sales of all seated events; undefined when the services did not answer. */
  list(): Promise<readonly ListedSale[] | undefined>;
  /** Reads the services' clock; `nowMs` follows it from then on. Resolves with whether they answered. */
  readClock(): Promise<boolean>;
  /** Epoch milliseconds of the services' clock, as last read. */
  nowMs(): number;
}

/** Makes a {@link SaleFeed}. */
export function createSaleFeed(wire: Wire, base: string): SaleFeed {
  let offsetMs = 0;
  return {
    nowMs: () => Date.now() + offsetMs,
    async readClock() {
      const askedAtMs = Date.now();
      const answer = await wire.send<Static<(typeof publicHealthRoute)['schema']['response'][200]>>({
        step: 'clock',
        method: 'GET',
        url: `${base}/public/health`,
      });
      if (answer.outcome !== 'ok') return false;
      // The answer was written about half way through the exchange.
      offsetMs = answer.body.ts - (askedAtMs + Date.now()) / 2;
      return true;
    },
    async list() {
      const answer = await wire.send<Static<typeof EventView>[]>({
        step: 'events',
        method: 'GET',
        url: `${base}/api/events`,
      });
      if (answer.outcome !== 'ok') return undefined;
      return answer.body.flatMap(({ eventId, seated, perBuyer, sale }) => {
        if (!seated || !sale) return [];
        return {
          eventId,
          saleId: sale.saleId,
          opensAtMs: Date.parse(sale.opensAt),
          closesAtMs: Date.parse(sale.closesAt),
          perBuyer: perBuyer ?? 1,
          isPractice: (parseSaleId(sale.saleId)?.round ?? 0) > 0,
          state: sale.state,
        };
      });
    },
  };
}
