/** Names one sale of an event. Stock, keys and uniqueness are per sale, so a new practice round is new keys. */
export type SaleId = `${string}.${number}`;

export function saleIdOf(eventId: string, round: number): SaleId {
  return `${eventId}.${round}`;
}

/** Takes a saleId apart again; event ids hold no dot. */
export function parseSaleId(saleId: string): { eventId: string; round: number } | undefined {
  const match = /^([a-z0-9-]+)\.(0|[1-9][0-9]*)$/.exec(saleId);
  return match ? { eventId: match[1]!, round: Number(match[2]) } : undefined;
}
