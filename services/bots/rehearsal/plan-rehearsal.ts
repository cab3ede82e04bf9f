import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';

export interface RehearsalOptions {
  /** Part of the real arrival and admission rate that is played. */
  readonly scale: number;
  /** Most buyers to play. */
  readonly buyers: number;
  readonly opensAtMs: number;
  /** Makes the copy's eventId its own. */
  readonly suffix: string;
}

/** A sale's shape, to be played on seats of its own. */
export interface RehearsalPlan {
  readonly eventId: string;
  /** The copy, closing at the given instant. */
  ticketEventUntil(closesAtMs: number): TicketEvent;
  readonly opensAtMs: number;
  readonly buyers: number;
  readonly arrivalsPerSecond: number;
  readonly ratePerSecond: number;
  readonly seatCount: number;
}

export type PlannedRehearsal =
  | { readonly outcome: 'planned'; readonly plan: RehearsalPlan }
  | { readonly outcome: 'not-playable'; readonly problem: string };

/** Seats a bot wants on average, and buyers who come for each that gets some. */
const seatsPerBuyer = 2.25;
const rush = 1.2;

/**
 * Copies an event for a rehearsal: its map, prices, limits and hold time; arrivals and admission at `scale` of the real
 * ones. Its eventId is its own, so no seat of the real sale is touched; what only the operator reads is left out.
 */
export function planRehearsal({ metadata, spec }: TicketEvent, options: RehearsalOptions): PlannedRehearsal {
  const { venue } = spec;
  if (!venue)
    return { outcome: 'not-playable', problem: 'Only seated events can be rehearsed: this one has no venue' };
  const { scale, opensAtMs } = options;
  const room = { ratePerSecond: 100, maxActive: 10_000, ...spec.waitingRoom };
  const scaled = (value: number) => Math.max(1, Math.round(value * scale));
  const seatCount = venue.sections.reduce((sum, { rows, seatsPerRow }) => sum + rows * seatsPerRow, 0);
  const eventId = `rehearsal-${spec.eventId.slice(0, 40).replace(/-+$/, '')}-${options.suffix}`;
  const ratePerSecond = scaled(room.ratePerSecond);
  return {
    outcome: 'planned',
    plan: {
      eventId,
      opensAtMs,
      seatCount,
      ratePerSecond,
      arrivalsPerSecond: Math.max(1, (spec.expected?.peakRps ?? 10 * room.ratePerSecond) * scale),
      buyers: Math.min(options.buyers, Math.ceil((rush * scale * seatCount) / seatsPerBuyer)),
      ticketEventUntil: (closesAtMs) => ({
        apiVersion: 'onsale.dev/v1alpha1',
        kind: 'TicketEvent',
        metadata: { ...metadata, name: eventId },
        spec: {
          eventId,
          title: `Rehearsal: ${spec.title}`.slice(0, 200),
          homeRegion: spec.homeRegion,
          ...(spec.timeZone === undefined ? {} : { timeZone: spec.timeZone }),
          sale: {
            opensAt: new Date(opensAtMs).toISOString(),
            closesAt: new Date(Math.max(closesAtMs, opensAtMs + 1000)).toISOString(),
          },
          venue,
          ...(spec.limits === undefined ? {} : { limits: spec.limits }),
          waitingRoom: { ratePerSecond, maxActive: scaled(room.maxActive) },
        },
      }),
    },
  };
}
