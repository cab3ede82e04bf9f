import { randomBytes } from 'node:crypto';
import { publishTicketEvent } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import type { LocalStack } from '@onsale/local/local-stack';

export interface EventOptions {
  readonly title?: string;
  readonly opensInMs?: number;
  readonly closesInMs?: number;
  readonly windows?: { readonly every: string; readonly openFor: string };
  readonly sections?: readonly { id: string; rows: number; seatsPerRow: number; price: number }[];
  readonly generalAdmission?: { readonly capacity: number; readonly price: number };
  readonly holdTtl?: string;
  readonly ratePerSecond?: number;
}

const arena = [
  { id: 'A', rows: 6, seatsPerRow: 12, price: 165_000 },
  { id: 'B', rows: 6, seatsPerRow: 16, price: 132_000 },
  { id: 'C', rows: 6, seatsPerRow: 20, price: 99_000 },
];

/** Publishes an event of its own name, on sale at once unless told otherwise; resolves with its eventId. */
export async function publishEvent(stack: LocalStack, options: EventOptions = {}): Promise<string> {
  const eventId = `event-${randomBytes(4).toString('hex')}`;
  const now = Date.now();
  const at = (ms: number) => new Date(now + ms).toISOString();
  const { title = 'Harbour Lights, one night only', opensInMs = -1000, closesInMs = 3_600_000 } = options;
  await publishTicketEvent(
    { url: stack.internalUrl('public-api'), token: localSecrets.adminToken },
    {
      apiVersion: 'onsale.dev/v1alpha1',
      kind: 'TicketEvent',
      metadata: { name: eventId },
      spec: {
        eventId,
        title,
        homeRegion: 'local',
        startsAt: '2030-05-17T10:00:00Z',
        timeZone: 'Asia/Seoul',
        sale: options.windows
          ? { windows: options.windows }
          : { opensAt: at(opensInMs), closesAt: at(closesInMs) },
        ...(options.generalAdmission
          ? { generalAdmission: options.generalAdmission }
          : { venue: { currency: 'KRW', sections: options.sections ?? arena } }),
        limits: { perBuyer: 4, holdTtl: options.holdTtl ?? '3m' },
        waitingRoom: { ratePerSecond: options.ratePerSecond ?? 1000, maxActive: 10_000 },
      },
    },
  );
  return eventId;
}
