import { Type } from 'typebox';
import { EventId, SectionId } from '../http/fields.ts';
import { durationPattern } from '../sale/duration.ts';

const Duration = (description: string, fallback?: string) =>
  Type.String({
    pattern: durationPattern,
    maxLength: 32,
    description,
    ...(fallback ? { default: fallback } : {}),
  });
const Instant = (description: string) => Type.String({ format: 'date-time', maxLength: 40, description });
const closed = { additionalProperties: false };

const Section = Type.Object(
  {
    id: SectionId,
    rows: Type.Integer({ minimum: 1, maximum: 10_000 }),
    seatsPerRow: Type.Integer({ minimum: 1, maximum: 10_000 }),
    price: Type.Integer({ minimum: 0, maximum: 1_000_000_000, description: 'Minor units of the currency' }),
  },
  closed,
);

const ScaleTarget = Type.Object(
  {
    ref: Type.Object(
      {
        kind: Type.Union([Type.Literal('HorizontalPodAutoscaler'), Type.Literal('ScaledObject')]),
        name: Type.String({ minLength: 1, maxLength: 253 }),
      },
      closed,
    ),
    rpsPerPod: Type.Integer({ minimum: 1, maximum: 100_000 }),
    headroomPercent: Type.Integer({ minimum: 0, maximum: 500, default: 25 }),
    floor: Type.Integer({ minimum: 0, maximum: 10_000, default: 0 }),
    ceiling: Type.Integer({ minimum: 1, maximum: 10_000 }),
  },
  closed,
);

/** The `spec` of a TicketEvent: what is sold, when, and how much is expected. Additive changes only. */
export const TicketEventSpec = Type.Object(
  {
    eventId: EventId,
    title: Type.String({ minLength: 1, maxLength: 200 }),
    homeRegion: Type.String({
      pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$|^local$',
      maxLength: 32,
      default: 'local',
    }),
    startsAt: Type.Optional(Instant('When the event itself begins; default: the end of the sale')),
    timeZone: Type.Optional(Type.String({ maxLength: 64, default: 'Asia/Seoul' })),
    sale: Type.Object(
      {
        opensAt: Type.Optional(Instant('The second the sale opens')),
        closesAt: Type.Optional(Instant('The second it closes')),
        windows: Type.Optional(
          Type.Object(
            {
              every: Duration('A practice round begins each time this passes, from the full minute'),
              openFor: Duration('How long each round sells'),
            },
            closed,
          ),
        ),
      },
      { ...closed, description: 'Either opensAt and closesAt, or windows' },
    ),
    venue: Type.Optional(
      Type.Object(
        {
          currency: Type.String({ pattern: '^[A-Z]{3}$', default: 'KRW' }),
          sections: Type.Array(Section, { minItems: 1, maxItems: 500 }),
        },
        closed,
      ),
    ),
    generalAdmission: Type.Optional(
      Type.Object(
        {
          capacity: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
          price: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
        },
        closed,
      ),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          perBuyer: Type.Integer({ minimum: 1, maximum: 50, default: 4 }),
          holdTtl: Duration('How long a hold lasts', '3m'),
        },
        closed,
      ),
    ),
    waitingRoom: Type.Optional(
      Type.Object(
        {
          opensAt: Type.Optional(Instant('When buyers may enter; default: 30 min before opening')),
          ratePerSecond: Type.Integer({ minimum: 1, maximum: 100_000, default: 100 }),
          maxActive: Type.Integer({ minimum: 1, maximum: 10_000_000, default: 10_000 }),
        },
        closed,
      ),
    ),
    expected: Type.Optional(
      Type.Object({ peakRps: Type.Integer({ minimum: 0, maximum: 10_000_000 }) }, closed),
    ),
    targets: Type.Optional(Type.Array(ScaleTarget, { maxItems: 32 })),
    dependencies: Type.Optional(
      Type.Object(
        {
          alb: Type.Optional(
            Type.Object(
              {
                arn: Type.String({ maxLength: 512 }),
                capacityUnits: Type.Integer({ minimum: 1, maximum: 100_000 }),
              },
              closed,
            ),
          ),
          aurora: Type.Optional(
            Type.Object(
              {
                clusterId: Type.String({ maxLength: 63 }),
                minCapacity: Type.Number({ minimum: 0, maximum: 256, multipleOf: 0.5 }),
              },
              closed,
            ),
          ),
          dynamodb: Type.Optional(
            Type.Object(
              {
                table: Type.String({ maxLength: 255 }),
                readUnits: Type.Integer({ minimum: 0 }),
                writeUnits: Type.Integer({ minimum: 0 }),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
    prewarm: Type.Optional(
      Type.Object(
        {
          readyBefore: Duration('How long before opening everything is ready', '10m'),
          leadOverride: Type.Optional(Duration('Replaces the computed lead')),
        },
        closed,
      ),
    ),
    holdAfterOpen: Type.Optional(Duration('How long floors stay up after opening')),
    drain: Type.Optional(
      Type.Object(
        {
          stepPercent: Type.Integer({ minimum: 1, maximum: 100, default: 25 }),
          interval: Duration('Between two steps down', '5m'),
        },
        closed,
      ),
    ),
    openPolicy: Type.Optional(
      Type.Object(
        {
          mode: Type.Union([Type.Literal('OnTime'), Type.Literal('WhenConfirmed')], { default: 'OnTime' }),
          maxDelay: Type.Optional(Duration('WhenConfirmed opens at the latest this long after opensAt')),
        },
        closed,
      ),
    ),
    suspend: Type.Optional(Type.Boolean({ default: false })),
    dryRun: Type.Optional(Type.Boolean({ default: false })),
  },
  closed,
);

/** The Kubernetes resource a sale operator applies; the local runner publishes the same document. */
export const TicketEvent = Type.Object({
  apiVersion: Type.Literal('onsale.dev/v1alpha1'),
  kind: Type.Literal('TicketEvent'),
  metadata: Type.Object({ name: Type.String({ minLength: 1, maxLength: 253 }) }),
  spec: TicketEventSpec,
});

export type TicketEvent = Type.Static<typeof TicketEvent>;
