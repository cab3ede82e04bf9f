import { Type } from 'typebox';
import { EventId, SeatId, SectionId } from '../http/fields.ts';
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
/** The script that holds seats looks through all of a section's. */
const maxWheelchairSpaces = 100;

const SeatName = (description: string) => Type.String({ ...SeatId, maxLength: 12, description });

const Section = Type.Object(
  {
    id: Type.String({ ...SectionId, maxLength: 32, description: 'Unique in the event' }),
    rows: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: 'Rows; they number on through the sections',
    }),
    seatsPerRow: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Seats in each row' }),
    price: Type.Integer({ minimum: 0, maximum: 1_000_000_000, description: 'Minor units of the currency' }),
    wheelchairSpaces: Type.Optional(
      Type.Array(
        Type.Object(
          {
            space: SeatName('The place of the wheelchair, as R1C1'),
            companion: SeatName('The seat beside it, for who comes along'),
          },
          { ...closed, description: 'A space and its companion seat' },
        ),
        {
          maxItems: maxWheelchairSpaces,
          description: 'Given only to those who ask for one, or for the seat by its name',
        },
      ),
    ),
  },
  closed,
);

const ScaleTarget = Type.Object(
  {
    ref: Type.Object(
      {
        kind: Type.Union([Type.Literal('HorizontalPodAutoscaler'), Type.Literal('ScaledObject')], {
          description: 'A workload has one of these, never both',
        }),
        name: Type.String({ minLength: 1, maxLength: 253, description: 'Its name, in the same namespace' }),
      },
      { ...closed, description: 'Whose minimum is raised' },
    ),
    rpsPerPod: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: 'Requests a second one pod serves well',
    }),
    headroomPercent: Type.Integer({
      minimum: 0,
      maximum: 500,
      default: 25,
      description: 'Added to the expected peak',
    }),
    floor: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      default: 0,
      description: 'Pods kept whatever the expected load says',
    }),
    ceiling: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: 'The most pods this sale may ask for',
    }),
  },
  closed,
);

/** The `spec` of a TicketEvent: what is sold, when, and how much is expected. Additive changes only. */
export const TicketEventSpec = Type.Object(
  {
    eventId: Type.String({
      ...EventId,
      maxLength: 63,
      description: 'Names the event in the API and in keys; immutable',
    }),
    title: Type.String({ minLength: 1, maxLength: 200, description: 'As buyers read it' }),
    homeRegion: Type.String({
      pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$|^local$',
      maxLength: 32,
      default: 'local',
      description: 'The Region that publishes, warms and sells; immutable',
    }),
    startsAt: Type.Optional(Instant('When the event itself begins; default: the end of the sale')),
    timeZone: Type.Optional(
      Type.String({ maxLength: 64, default: 'Asia/Seoul', description: 'IANA zone instants are shown in' }),
    ),
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
            { ...closed, description: 'Practice: a round of its own in every window' },
          ),
        ),
      },
      { ...closed, description: 'Either opensAt and closesAt, or windows' },
    ),
    venue: Type.Optional(
      Type.Object(
        {
          currency: Type.String({ pattern: '^[A-Z]{3}$', default: 'KRW', description: 'ISO 4217 code' }),
          sections: Type.Array(Section, { minItems: 1, maxItems: 500, description: 'From the first row on' }),
        },
        { ...closed, description: 'Seated events; fixed once published' },
      ),
    ),
    generalAdmission: Type.Optional(
      Type.Object(
        {
          capacity: Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'Tickets there are' }),
          price: Type.Integer({
            minimum: 0,
            maximum: 1_000_000_000,
            description: 'Minor units of the currency',
          }),
        },
        { ...closed, description: 'Unseated events; fixed once published' },
      ),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          perBuyer: Type.Integer({
            minimum: 1,
            maximum: 50,
            default: 4,
            description: 'Tickets a buyer may have',
          }),
          holdTtl: Duration('How long a hold lasts', '3m'),
        },
        { ...closed, description: 'What one buyer may take' },
      ),
    ),
    waitingRoom: Type.Optional(
      Type.Object(
        {
          opensAt: Type.Optional(Instant('When buyers may enter; default: 30 min before opening')),
          ratePerSecond: Type.Integer({
            minimum: 1,
            maximum: 100_000,
            default: 100,
            description: 'Buyers admitted a second at most',
          }),
          maxActive: Type.Integer({
            minimum: 1,
            maximum: 10_000_000,
            default: 10_000,
            description: 'Buyers admitted and not finished at most',
          }),
        },
        { ...closed, description: 'How buyers are let in' },
      ),
    ),
    expected: Type.Optional(
      Type.Object(
        {
          peakRps: Type.Integer({
            minimum: 0,
            maximum: 10_000_000,
            description: 'Requests a second at the opening, over all pods of a target',
          }),
        },
        { ...closed, description: 'The load to be ready for' },
      ),
    ),
    targets: Type.Optional(
      Type.Array(ScaleTarget, { maxItems: 32, description: 'What is scaled before the opening' }),
    ),
    dependencies: Type.Optional(
      Type.Object(
        {
          alb: Type.Optional(
            Type.Object(
              {
                arn: Type.String({ maxLength: 512, description: 'ARN of the load balancer' }),
                capacityUnits: Type.Integer({
                  minimum: 1,
                  maximum: 100_000,
                  description: 'Load balancer capacity units to reserve',
                }),
              },
              { ...closed, description: 'Capacity reservation of the load balancer' },
            ),
          ),
          aurora: Type.Optional(
            Type.Object(
              {
                clusterId: Type.String({ maxLength: 63, description: 'DB cluster identifier' }),
                minCapacity: Type.Number({
                  minimum: 0,
                  maximum: 256,
                  multipleOf: 0.5,
                  description: 'Aurora capacity units, in steps of 0.5',
                }),
              },
              { ...closed, description: 'Minimum capacity of Aurora Serverless v2' },
            ),
          ),
          dynamodb: Type.Optional(
            Type.Object(
              {
                table: Type.String({ maxLength: 255, description: 'Table name' }),
                readUnits: Type.Integer({ minimum: 0, description: 'Read units a second' }),
                writeUnits: Type.Integer({ minimum: 0, description: 'Write units a second' }),
              },
              {
                ...closed,
                description: 'Warm throughput is checked only: raising it is charged and cannot be undone',
              },
            ),
          ),
        },
        { ...closed, description: 'What else must be warm' },
      ),
    ),
    prewarm: Type.Optional(
      Type.Object(
        {
          readyBefore: Duration('How long before opening everything is ready', '10m'),
          leadOverride: Type.Optional(Duration('Replaces the computed lead')),
        },
        { ...closed, description: 'When warming must be done' },
      ),
    ),
    holdAfterOpen: Type.Optional(Duration('How long floors stay up after opening')),
    drain: Type.Optional(
      Type.Object(
        {
          stepPercent: Type.Integer({
            minimum: 1,
            maximum: 100,
            default: 25,
            description: 'Part of the floors that each step takes away',
          }),
          interval: Duration('Between two steps down', '5m'),
        },
        { ...closed, description: 'How floors go down' },
      ),
    ),
    openPolicy: Type.Optional(
      Type.Object(
        {
          mode: Type.Union([Type.Literal('OnTime'), Type.Literal('WhenConfirmed')], {
            default: 'OnTime',
            description: 'OnTime opens at the second whatever happens; WhenConfirmed waits for capacity',
          }),
          maxDelay: Type.Optional(Duration('WhenConfirmed opens at the latest this long after opensAt')),
        },
        { ...closed, description: 'Whether the opening waits for capacity' },
      ),
    ),
    suspend: Type.Optional(
      Type.Boolean({ default: false, description: 'Freezes floors and admission where they are' }),
    ),
    dryRun: Type.Optional(
      Type.Boolean({ default: false, description: 'Only status is written, nothing is scaled or published' }),
    ),
  },
  { ...closed, description: 'What is sold, when, and how much is expected' },
);

/** The Kubernetes resource a sale operator applies; the local runner publishes the same document. */
export const TicketEvent = Type.Object({
  apiVersion: Type.Literal('onsale.dev/v1alpha1'),
  kind: Type.Literal('TicketEvent'),
  metadata: Type.Object({ name: Type.String({ minLength: 1, maxLength: 253 }) }),
  spec: TicketEventSpec,
});

export type TicketEvent = Type.Static<typeof TicketEvent>;
