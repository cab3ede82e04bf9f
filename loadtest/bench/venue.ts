/** Sections all of one shape. */
export interface Venue {
  readonly sections: number;
  readonly rows: number;
  readonly seatsPerRow: number;
}

export function seatCount({ sections, rows, seatsPerRow }: Venue): number {
  return sections * rows * seatsPerRow;
}

/** The seats of a venue one after the other, neighbours in different sections, as buyers take them. */
export function seatId({ sections, rows, seatsPerRow }: Venue, index: number): string {
  const within = Math.floor(index / sections);
  const row = (index % sections) * rows + Math.floor(within / seatsPerRow) + 1;
  return `R${row}C${(within % seatsPerRow) + 1}`;
}

/** The document that publishes an event; instants are epoch milliseconds. */
export function ticketEventOf(
  eventId: string,
  venue: Venue,
  times: { readonly opensAtMs: number; readonly closesAtMs: number },
  ratePerSecond: number,
): object {
  return {
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name: eventId },
    spec: {
      eventId,
      title: 'A measured concert',
      homeRegion: 'local',
      startsAt: new Date(times.closesAtMs + 86_400_000).toISOString(),
      sale: {
        opensAt: new Date(times.opensAtMs).toISOString(),
        closesAt: new Date(times.closesAtMs).toISOString(),
      },
      venue: {
        currency: 'KRW',
        sections: Array.from({ length: venue.sections }, (_, index) => ({
          id: `S${index}`,
          rows: venue.rows,
          seatsPerRow: venue.seatsPerRow,
          price: 1000,
        })),
      },
      limits: { perBuyer: 4, holdTtl: '1h' },
      waitingRoom: { ratePerSecond, maxActive: 10_000_000 },
    },
  };
}
