import { setTimeout as delay } from 'node:timers/promises';
import { type AdminAddress, publishTicketEvent } from '@onsale/local/admin-client';
import { type FixtureEvent, type Fixtures, planFixtures, seatCount } from '../profiles/fixtures.ts';
import { durationSeconds, type Profile } from '../profiles/profile.ts';

/**
 * Publishes the events a profile needs, on sale at once unless the profile waits for the opening; resolves with the fixtures,
 * once every room lets people in.
 */
export async function publishFixtures(
  base: string,
  admin: AdminAddress,
  profile: Profile,
  runName: string,
  report: (line: string) => void,
): Promise<Fixtures> {
  const fixtures = planFixtures(profile, runName);
  const opensAtMs = Date.now() + profile.opensInSeconds * 1000 - (profile.opensInSeconds > 0 ? 0 : 1000);
  const closesAtMs = Date.now() + (durationSeconds(profile) + 3600) * 1000;
  const all = [...fixtures.events, fixtures.lastSeats];
  for (const [index, event] of all.entries()) {
    report(`Publishing ${event.eventId}, ${seatCount([event])} seats (${index + 1} of ${all.length})`);
    await publishTicketEvent(admin, ticketEventOf(event, opensAtMs, closesAtMs));
  }
  for (const { eventId } of all) await awaitRoom(base, eventId);
  return fixtures;
}

/** Rooms and seats of a new event take a moment; what is asked of them before is no fault of the system under load. */
async function awaitRoom(base: string, eventId: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (let good = 0, last = 'nothing'; good < 3; await delay(200)) {
    try {
      const entered = await fetch(`${base}/public/enter`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ userId: `probe-${good}`, eventId }),
        signal: AbortSignal.timeout(5000),
      });
      const map = await fetch(`${base}/public/seats/${eventId}`, { signal: AbortSignal.timeout(5000) });
      last = `${entered.status} to enter, ${map.status} to seats`;
      good = entered.ok && map.ok ? good + 1 : 0;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      good = 0;
    }
    if (performance.now() > deadline) throw new Error(`${eventId} lets nobody in within a minute: ${last}`);
  }
}

function ticketEventOf({ eventId, sections }: FixtureEvent, opensAtMs: number, closesAtMs: number): object {
  return {
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name: eventId },
    spec: {
      eventId,
      title: 'A load test',
      homeRegion: 'local',
      startsAt: new Date(closesAtMs + 86_400_000).toISOString(),
      sale: { opensAt: new Date(opensAtMs).toISOString(), closesAt: new Date(closesAtMs).toISOString() },
      venue: {
        currency: 'KRW',
        sections: sections.map(({ id, rows, seatsPerRow }) => ({ id, rows, seatsPerRow, price: 1000 })),
      },
      limits: { perBuyer: 4, holdTtl: '5m' },
      // What is measured is the system, not a line of buyers who were told to wait.
      waitingRoom: { ratePerSecond: 10_000, maxActive: 1_000_000 },
    },
  };
}
