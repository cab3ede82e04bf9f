import { createHash } from 'node:crypto';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';

/** The document the services are told, and its hash. */
export interface Publication {
  readonly document: TicketEvent;
  readonly hash: string;
}

/**
 * The TicketEvent without what belongs to the cluster, opening at the decided instant. When the opening is put off, the
 * room still opens when it was to.
 */
export function publicationOf(
  resource: TicketEventResource,
  opening:
    | { readonly opensAtMs: number; readonly plannedAtMs: number; readonly roomOpensAtMs: number }
    | undefined,
): Publication {
  const { spec } = resource;
  const moved = opening !== undefined && opening.opensAtMs !== opening.plannedAtMs;
  const document: TicketEvent = {
    apiVersion: 'onsale.dev/v1alpha1',
    kind: 'TicketEvent',
    metadata: { name: resource.metadata.name },
    spec: moved
      ? {
          ...spec,
          sale: { ...spec.sale, opensAt: new Date(opening.opensAtMs).toISOString() },
          waitingRoom: {
            ratePerSecond: 100,
            maxActive: 10_000,
            ...spec.waitingRoom,
            opensAt: new Date(opening.roomOpensAtMs).toISOString(),
          },
        }
      : spec,
  };
  return { document, hash: createHash('sha256').update(JSON.stringify(document)).digest('hex') };
}

export type PublishOutcome =
  | { readonly outcome: 'published' }
  | { readonly outcome: 'refused'; readonly message: string }
  | { readonly outcome: 'unreachable'; readonly message: string };

/** Tells the services of a sale. */
export type Publisher = (document: TicketEvent) => Promise<PublishOutcome>;

/** Publishes through public-api's admin API. Refusals are answers; what may pass by itself is `unreachable`. */
export function createPublisher(admin: { readonly url: string; readonly token: string }): Publisher {
  return async (document) => {
    try {
      const answer = await fetch(`${admin.url}/admin/ticket-events`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(document),
        signal: AbortSignal.timeout(10_000),
      });
      const text = await answer.text();
      if (answer.ok) return { outcome: 'published' };
      const message = `${answer.status} ${text.slice(0, 500)}`;
      const permanent = answer.status === 400 || answer.status === 409 || answer.status === 413;
      return { outcome: permanent ? 'refused' : 'unreachable', message };
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error };
      return { outcome: 'unreachable', message: cause?.message ?? message };
    }
  };
}
