/** The part of a TicketEvent that tells whether its sale is under way. */
export interface ListedEvent {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly homeRegion: string;
    readonly sale: { readonly opensAt?: string; readonly closesAt?: string; readonly windows?: object };
  };
  readonly status?: { readonly phase?: string };
}

const busyPhases = ['WarmingData', 'WarmingPods', 'Warm', 'OnSale', 'Sustaining', 'Draining'];
/** Warming begins at most this long before an opening, whatever the operator has got round to writing down. */
const warmingMs = 2 * 3_600_000;

/** Sales at home in the Region that a deployment now would disturb, with the reason; windowed sales never rest. */
export function busySales(events: readonly ListedEvent[], region: string, nowMs: number): string[] {
  return events
    .filter(({ spec }) => spec.homeRegion === region)
    .flatMap(({ metadata: { name }, spec: { sale }, status }) => {
      if (busyPhases.includes(status?.phase ?? '')) return [`${name} is ${status?.phase}`];
      if (sale.windows) return [`${name} opens again and again`];
      const opens = Date.parse(sale.opensAt ?? '');
      const closes = Date.parse(sale.closesAt ?? '');
      return nowMs >= opens - warmingMs && nowMs < closes ? [`${name} opens at ${sale.opensAt}`] : [];
    });
}
