import type { SaleClient } from '../api/sale-client.ts';
import type { ServerClock } from '../clock/server-clock.ts';
import { type Connection, persistAsk } from './persist-ask.ts';
import type { Place } from './purchase.ts';
import { type Standing, standingFrom, turnAt, withRecord } from './standing.ts';
import { wait } from './wait.ts';

export type RoomOutcome = { readonly outcome: 'admitted' } | { readonly outcome: 'place-lost' };

export interface RoomFollower {
  readonly client: Pick<SaleClient, 'roomStatus' | 'roomRecord'>;
  readonly clock: Pick<ServerClock, 'nowMs'>;
  readonly eventId: string;
  readonly place: Place;
  readonly signal: AbortSignal;
  readonly onStanding: (standing: Standing) => void;
  readonly onConnection: (connection: Connection) => void;
}

/** With a longer wait than this the public record, the same bytes for everybody, is asked instead of room-status. */
const recordWorthSec = 20;

/** Follows a place until its turn, asking as seldom as the room allows. Rejects when aborted. */
export async function followRoom(follower: RoomFollower): Promise<RoomOutcome> {
  const { client, clock, eventId, place, signal, onStanding, onConnection } = follower;
  for (;;) {
    const answer = await persistAsk(() => client.roomStatus(place.roomToken, signal), signal, onConnection);
    if (answer.outcome !== 'ok') return { outcome: 'place-lost' };
    const { ready, drawn, pollAfterSec } = answer.body;
    if (ready) return { outcome: 'admitted' };
    let standing = standingFrom(answer.body, clock.nowMs());
    onStanding(standing);
    await wait(pollAfterSec * 1000, signal, true);
    // The record moves the place along until the turn is near; only then the own token is shown again.
    while (drawn && turnAt(standing, clock.nowMs()).leftSec > recordWorthSec) {
      const record = await persistAsk(() => client.roomRecord(eventId, signal), signal, onConnection);
      if (record.outcome !== 'ok' || record.body.saleId !== place.saleId) break;
      standing = withRecord(standing, record.body);
      onStanding(standing);
      await wait(Math.min(pollAfterSec, turnAt(standing, clock.nowMs()).leftSec) * 1000, signal, true);
    }
  }
}
