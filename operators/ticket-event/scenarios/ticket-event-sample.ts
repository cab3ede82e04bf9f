/** A TicketEvent for scenarios: `pods` of one target, opening so many seconds from now. */
export function ticketEvent(
  name: string,
  options: {
    readonly target?: string;
    readonly kind?: 'HorizontalPodAutoscaler' | 'ScaledObject';
    readonly pods: number;
    readonly opensInSeconds: number;
    readonly openForSeconds?: number;
    readonly readyBefore?: string;
    readonly leadOverride?: string;
    readonly spec?: object;
  },
) {
  const opensAtMs = Date.now() + options.opensInSeconds * 1000;
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name },
    spec: {
      eventId: name,
      title: `Event ${name}`,
      homeRegion: 'local',
      sale: { opensAt: iso(opensAtMs), closesAt: iso(opensAtMs + (options.openForSeconds ?? 3600) * 1000) },
      venue: { sections: [{ id: 'A', rows: 10, seatsPerRow: 10, price: 1000 }] },
      expected: { peakRps: options.pods * 100 },
      targets: options.target
        ? [
            {
              ref: { kind: options.kind ?? 'HorizontalPodAutoscaler', name: options.target },
              rpsPerPod: 100,
              headroomPercent: 0,
              ceiling: 5000,
            },
          ]
        : [],
      prewarm: {
        readyBefore: options.readyBefore ?? '10s',
        ...(options.leadOverride ? { leadOverride: options.leadOverride } : {}),
      },
      ...options.spec,
    },
  };
}
