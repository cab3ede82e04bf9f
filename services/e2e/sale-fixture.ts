import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishTicketEvent } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '@onsale/local/local-stack';

interface TestScope {
  teardown(handler: () => unknown): void;
}

/** A local stack of the test's own, gone with it; its exits are expected by whoever kills things. */
export async function startStack(
  t: TestScope,
  options: Partial<Pick<LocalStackOptions, 'replicas' | 'environment'>> = {},
): Promise<LocalStack> {
  const dir = await mkdtemp(join(tmpdir(), 'onsale-journey-'));
  const stack = await startLocalStack({ port: 0, dir, keep: false, report: () => undefined, ...options });
  t.teardown(async () => {
    await stack.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return stack;
}

interface EventOptions {
  readonly opensInMs?: number;
  readonly openForMs?: number;
  readonly sections?: readonly { id: string; rows: number; seatsPerRow: number; price: number }[];
  readonly generalAdmission?: { capacity: number; price: number };
  readonly windows?: { every: string; openFor: string };
  readonly perBuyer?: number;
  readonly holdTtl?: string;
  readonly ratePerSecond?: number;
}

/**
 * Windows of a practice event, one of which is open now and for most of an hour more: they begin at multiples of their length, so
 * that of any one length some test run would meet the end.
 */
export function openWindows(): { every: string; openFor: string } {
  let minutes = 120;
  while ((Date.now() / 60_000) % minutes > 60) minutes++;
  return { every: `${minutes}m`, openFor: '110m' };
}

/** Publishes an event of its own name; on sale at once unless told otherwise. Resolves with its eventId. */
export async function publishEvent(stack: LocalStack, options: EventOptions = {}): Promise<string> {
  const eventId = `event-${randomBytes(5).toString('hex')}`;
  const opensAtMs = Date.now() + (options.opensInMs ?? -1000);
  await publishTicketEvent(
    { url: stack.internalUrl('public-api'), token: localSecrets.adminToken },
    {
      apiVersion: 'onsale.dev/v1alpha1',
      kind: 'TicketEvent',
      metadata: { name: eventId },
      spec: {
        eventId,
        title: 'A concert',
        homeRegion: 'local',
        startsAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
        sale: options.windows
          ? { windows: options.windows }
          : {
              opensAt: new Date(opensAtMs).toISOString(),
              closesAt: new Date(opensAtMs + (options.openForMs ?? 3_600_000)).toISOString(),
            },
        ...(options.generalAdmission
          ? { generalAdmission: options.generalAdmission }
          : {
              venue: {
                currency: 'KRW',
                sections: options.sections ?? [
                  { id: 'A', rows: 4, seatsPerRow: 10, price: 1000 },
                  { id: 'B', rows: 4, seatsPerRow: 10, price: 500 },
                ],
              },
            }),
        limits: { perBuyer: options.perBuyer ?? 4, holdTtl: options.holdTtl ?? '1m' },
        waitingRoom: { ratePerSecond: options.ratePerSecond ?? 1000, maxActive: 10_000 },
      },
    },
  );
  return eventId;
}
