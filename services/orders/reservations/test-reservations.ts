import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { ReserveOutcome } from './create-reservations.ts';
import { startTestBed, type generalAdmission } from './test-bed.ts';

/** Four processes that share a database, and what tests of reservations do with them. */
export async function startReservationBed(t: Parameters<typeof startTestBed>[0]) {
  const bed = await startTestBed(t);
  const processes = await Promise.all([
    bed.startProcess(),
    bed.startProcess(),
    bed.startProcess(),
    bed.startProcess(),
  ]);
  const first = processes[0];

  async function createEvent(totalSeats: number, eventDate = '2035-01-01T19:00:00') {
    const created = await first.listing.create({
      eventName: 'Fair',
      totalSeats,
      eventDate,
      timeZone: 'Asia/Seoul',
      priceMinor: 0,
    });
    if (created.outcome !== 'created') throw new Error(created.problem);
    return created.event.id;
  }

  /** Publishes and waits until every process knows. */
  async function publish(document: ReturnType<typeof generalAdmission>) {
    const outcome = await first.catalogue.publishEvent(document);
    if (!('published' in outcome)) throw new Error(outcome.outcome);
    await Promise.all(processes.map(({ catalogue }) => catalogue.refresh()));
    return outcome.published.number;
  }

  /** What PostgreSQL says is sold, by the stock row and by the reservations. */
  async function sold(eventNumber: number) {
    const { rows } = await first.pool.query<{ stock: number; confirmed: number }>(
      `select (select coalesce(sum(sold), 0) from stock where event_number = $1)::integer as stock,
              (select coalesce(sum(r.quantity), 0) from reservations r join stock s using (sale_id)
               where s.event_number = $1 and r.status = 'CONFIRMED')::integer as confirmed`,
      [eventNumber],
    );
    return rows[0]!;
  }

  /** Holds a sale's stock row as another process would, and tells which sessions wait for it. */
  async function stockLock(saleId: string) {
    const client = new pg.Client({ connectionString: bed.engines.postgresUrl });
    await client.connect();
    await client.query('begin');
    await client.query('select from stock where sale_id = $1 for update', [saleId]);
    return {
      /** Process ids of at least so many waiting sessions, without the one that was ended. */
      async waiters(atLeast: number, endedPid = 0): Promise<number[]> {
        const deadline = performance.now() + 5000;
        for (;;) {
          // Not on the client in the transaction: there the first look would be repeated for ever.
          const { rows } = await first.pool.query<{ pid: number }>(
            `select pid from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock' and query like '%take_stock%'
               and pid <> $1`,
            [endedPid],
          );
          if (rows.length >= atLeast) return rows.map(({ pid }) => pid);
          if (performance.now() > deadline) throw new Error(`${rows.length} waiting after 5 s`);
          await delay(10);
        }
      },
      async release() {
        await client.query('commit');
        await client.end();
      },
    };
  }

  return { ...bed, processes, first, createEvent, publish, sold, stockLock };
}

/** How many had this outcome. */
export const count = (outcomes: readonly ReserveOutcome[], outcome: ReserveOutcome['outcome']) =>
  outcomes.filter((one) => one.outcome === outcome).length;

/** The reservation's id; 0 when it was refused. */
export const idOf = (outcome: ReserveOutcome) => ('reservation' in outcome ? outcome.reservation.id : 0);
