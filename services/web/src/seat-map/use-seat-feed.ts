import { useEffect, useState } from 'react';
import type { SaleClient } from '../api/sale-client.ts';
import { pollWhileVisible } from '../shared/poll-while-visible.ts';
import { type House, readHouse } from './house.ts';

/** The seats as last heard of. */
export interface SeatFeed {
  readonly house: House;
  /** One character a seat, section after section. */
  readonly states: string;
  /** The last question had no answer: the states may be old. */
  readonly late: boolean;
}

/** With caches of one second on the way, changes are on the screen within two. */
const pollMs = 800;
const lateRetryMs = 2000;

/**
 * Follows the seats of a sale: geometry once, then one byte a seat, and nothing at all while the ETag holds. Asks nothing
 * while the page is hidden.
 */
export function useSeatFeed(client: SaleClient, eventId: string, saleId: string): SeatFeed | undefined {
  const [feed, setFeed] = useState<SeatFeed>();
  useEffect(() => {
    let seats: { house: House; states: string } | undefined;
    let etag: string | undefined;

    const ask = async (signal: AbortSignal): Promise<boolean> => {
      if (!seats) {
        const answer = await client.seatMap(eventId, signal);
        if (answer.outcome !== 'ok' || answer.body.saleId !== saleId) return false;
        seats = readHouse(answer.body);
      } else {
        const answer = await client.seatStates(eventId, etag, signal);
        if (answer.outcome === 'unchanged') return true;
        if (answer.outcome !== 'ok' || answer.body.length !== seats.house.seatCount) return false;
        etag = answer.etag;
        seats = { house: seats.house, states: answer.body };
      }
      return true;
    };
    return pollWhileVisible(async (signal) => {
      const heard = await ask(signal);
      const { house, states } = seats ?? {};
      if (house && states !== undefined) {
        setFeed((before) =>
          before && before.states === states && before.late === !heard
            ? before
            : { house, states, late: !heard },
        );
      }
      return heard ? pollMs : lateRetryMs;
    });
  }, [client, eventId, saleId]);
  return feed;
}
