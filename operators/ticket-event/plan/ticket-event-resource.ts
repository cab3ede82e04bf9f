import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import type { TicketEventStatus } from '@onsale/contracts/ticket-event/ticket-event-status';

/** A TicketEvent as the API server hands it out. */
export interface TicketEventResource extends Omit<TicketEvent, 'metadata'> {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string | Date;
    readonly deletionTimestamp?: string | Date;
    readonly finalizers?: readonly string[];
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: TicketEventStatus;
}

/** `namespace/name`. */
export function resourceKey({ metadata }: Pick<TicketEventResource, 'metadata'>): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
