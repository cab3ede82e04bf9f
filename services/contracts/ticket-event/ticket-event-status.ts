import { Type } from 'typebox';

const Instant = (description: string) => Type.String({ format: 'date-time', maxLength: 40, description });
const Count = (description: string) => Type.Integer({ minimum: 0, maximum: 1_000_000, description });
const Name = (description: string) => Type.String({ maxLength: 320, description });

/** The condition types a TicketEvent reports; reasons stand beside them. */
export const conditionTypes = {
  /** The services sell by this generation. Reasons: Published, Refused, Unreachable, Pending, NotHome, DryRun, Invalid. */
  Published: 'Published',
  /** Every pod and dependency asked for is there. Reasons: Confirmed, PodsMissing, DependencyMissing, Shortfall, NotYet. */
  CapacityConfirmed: 'CapacityConfirmed',
  /** Floors are going up or down. Reasons: OnSchedule, Late, Suspended, DryRun, NotHome, Idle. */
  Progressing: 'Progressing',
  /** Something asked for cannot be had. Reasons: Shortfall, TargetMissing, DependencyFailed, PodsStuck, Invalid, AsExpected. */
  Degraded: 'Degraded',
  /** Published and on schedule. Reasons: Ready, NotPublished, Degraded, NotHome, DryRun. */
  Ready: 'Ready',
} as const;

export type ConditionType = keyof typeof conditionTypes;

/** One of a TicketEvent's conditions, shaped as Kubernetes' own. */
export const Condition = Type.Object({
  type: Type.String({ maxLength: 64 }),
  status: Type.Union([Type.Literal('True'), Type.Literal('False'), Type.Literal('Unknown')]),
  reason: Type.String({ maxLength: 128 }),
  message: Type.String({ maxLength: 2048 }),
  observedGeneration: Type.Integer({ minimum: 0 }),
  lastTransitionTime: Instant('When status last changed'),
});
export type Condition = Type.Static<typeof Condition>;

const TargetStatus = Type.Object({
  ref: Name('Kind/name of the scaled object'),
  baseline: Count("The chart's minimum"),
  demandFloor: Count('What all active sales together need'),
  effectiveFloor: Count('What is applied'),
  contributors: Type.Array(
    Type.Object({ sale: Name('Namespace/name'), pods: Count('Pods it asks for now') }),
    {
      maxItems: 32,
    },
  ),
  ready: Count('Pods that take traffic'),
  shortfall: Count('Needed, but over a ceiling or the live maximum'),
});

const DependencyStatus = Type.Object({
  name: Type.String({ maxLength: 32, description: 'alb, aurora or dynamodb' }),
  state: Type.String({ maxLength: 32, description: 'idle, requested, ready, manual or failed' }),
  message: Type.String({ maxLength: 2048 }),
});

/** The `status` of a TicketEvent, written by the operator alone. */
export const TicketEventStatus = Type.Object(
  {
    observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
    phase: Type.Optional(
      Type.Union(
        [
          Type.Literal('Scheduled'),
          Type.Literal('Preflight'),
          Type.Literal('WarmingData'),
          Type.Literal('WarmingPods'),
          Type.Literal('Warm'),
          Type.Literal('OnSale'),
          Type.Literal('Sustaining'),
          Type.Literal('Draining'),
          Type.Literal('Completed'),
        ],
        { description: 'For people; nothing decides by it' },
      ),
    ),
    opensAt: Type.Optional(Instant('The next opening')),
    nextTransitionTime: Type.Optional(Instant('When the clock changes something next')),
    computedLead: Type.Optional(Type.String({ maxLength: 32, description: 'Lead of the pods' })),
    floor: Type.Optional(Count('Sum of the effective floors')),
    ready: Type.Optional(Count('Sum of the ready pods')),
    publishedGeneration: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The last generation the services took' }),
    ),
    publishedHash: Type.Optional(Type.String({ maxLength: 64, description: 'Of the document they took' })),
    guarded: Type.Optional(
      Type.Boolean({ description: 'Warm or on sale: deleting needs the annotation onsale.dev/force-delete' }),
    ),
    warming: Type.Optional(
      Type.Object({
        opensAt: Instant('The opening it is for'),
        startedAt: Instant('When floors first went up for it'),
        readyAt: Type.Optional(Instant('When capacity was first confirmed for it')),
      }),
    ),
    suspension: Type.Optional(
      Type.Object({
        since: Instant('When suspend was first seen'),
        parts: Type.Array(
          Type.Object({ ref: Name('Kind/name'), pods: Count('Pods asked for when it was') }),
          { maxItems: 32 },
        ),
      }),
    ),
    opening: Type.Optional(
      Type.Object({
        plannedAt: Instant('spec.sale.opensAt when it was decided'),
        opensAt: Instant('The opening told to the services'),
      }),
    ),
    targets: Type.Optional(Type.Array(TargetStatus, { maxItems: 32 })),
    dependencies: Type.Optional(Type.Array(DependencyStatus, { maxItems: 8 })),
    conditions: Type.Optional(Type.Array(Condition, { maxItems: 16 })),
  },
  { description: 'What the operator observed and did' },
);
export type TicketEventStatus = Type.Static<typeof TicketEventStatus>;
