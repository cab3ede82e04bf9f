import { Type } from 'typebox';
import { AmountMinor, DateTime, EventId } from './fields.ts';
import { defineRoute, errorResponses } from './route-contract.ts';

const tags = ['admin'] as const;
const admin = [{ admin: [] }] as const;

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const OrNull = <const Schema extends Type.TSchema>(schema: Schema) => Type.Union([Type.Null(), schema]);

/** Where the buyers, seats and orders of a sale are. */
export const Funnel = Type.Object({
  entered: Count('Places taken in the waiting room'),
  admitted: Count('Places the serving number has reached'),
  free: Count('Seats, or tickets of general admission'),
  held: Count('Seats held or committing'),
  sold: Count('Seats, or tickets of general admission'),
  queue: Count('Orders still to be decided'),
  paid: Count('Orders whose payment was captured and was not given back whole'),
  confirmed: Count('Orders'),
  rejected: Count('Orders'),
  cancelled: Count('Orders that were confirmed'),
});

export type Funnel = Type.Static<typeof Funnel>;

/** How fast buyers are admitted, what they are admitted to, and why it is not more. */
export const Capacity = Type.Object({
  plannedRatePerSecond: Type.Number({ description: 'By the TicketEvent, or by the operator' }),
  podRatePerSecond: OrNull(
    Type.Number({
      description: 'What the live pods of the weakest service serve; null before any was heard of',
    }),
  ),
  pods: Type.Array(Type.Object({ service: Type.String(), live: Count('Heard of in the last seconds') })),
  p95Ms: OrNull(
    Type.Number({ description: 'Of purchase requests in the slowest service; null without any' }),
  ),
  queueDepth: OrNull(Count('Commit messages that wait, by the workers’ word; null without live workers')),
  backlogSec: OrNull(Type.Number({ description: 'What the live workers need for them' })),
  admission: Type.Object({
    state: Type.Enum(['open', 'slowed', 'none_free', 'sold_out', 'paused'], {
      description: 'What buyers are told',
    }),
    ratePerSecond: Type.Number({
      description: 'As decided last; the serving number follows some seconds later',
    }),
    limitedBy: OrNull(
      Type.Enum(
        ['planned', 'pods', 'latency', 'backlog', 'active', 'seats', 'none-free', 'sold-out', 'paused'],
        { description: 'The lowest of all limits' },
      ),
      // Null where the decision was made by an older version, or admission follows the plan alone.
    ),
  }),
});

export type Capacity = Type.Static<typeof Capacity>;

/** A sale's money that goes back. */
export const RefundFigures = Type.Object({
  due: Count('Refunds the provider has not taken yet; the failed ones are among them'),
  sent: Count('Refunds the provider has taken'),
  failed: Count('Refunds that were tried without success and will be tried again'),
  dueAmount: AmountMinor,
  sentAmount: AmountMinor,
});

export type RefundFigures = Type.Static<typeof RefundFigures>;

/** A sale as its operator sees it: state, capacity, funnel and money, at most a second old. */
export const SaleStatus = Type.Object({
  eventId: Type.String(),
  saleId: Type.String(),
  title: Type.String(),
  currency: Type.String({ description: 'ISO 4217' }),
  seated: Type.Boolean({ description: 'false: general admission, which has no waiting room and no holds' }),
  state: Type.Enum(['room-closed', 'room-open', 'on-sale', 'closed']),
  cancellation: OrNull(Type.Object({ at: DateTime, reason: Type.String() })),
  roomOpensAt: DateTime,
  opensAt: DateTime,
  closesAt: DateTime,
  countedAt: DateTime,
  ...Funnel.properties,
  serving: Type.Object({
    number: Type.Integer({ description: 'The highest place admitted; −1 before the opening' }),
    ratePerSecond: Type.Number({ description: 'Places it goes up by at present' }),
  }),
  capacity: Capacity,
  refunds: RefundFigures,
  oldestUnfinishedAt: OrNull(DateTime),
});

export type SaleStatus = Type.Static<typeof SaleStatus>;

export const saleStatusRoute = defineRoute({
  method: 'GET',
  url: '/admin/sales/{eventId}/status',
  schema: {
    operationId: 'saleStatus',
    summary: 'Where the current sale of an event stands',
    tags,
    security: admin,
    params: Type.Object({ eventId: EventId }),
    response: { 200: SaleStatus, ...errorResponses(400, 401, 404, 503) },
  },
});

export const listSaleStatusRoute = defineRoute({
  method: 'GET',
  url: '/admin/sales',
  schema: {
    operationId: 'listSaleStatus',
    summary: 'Where the current sales of all events stand, by event number',
    tags,
    security: admin,
    response: { 200: Type.Object({ items: Type.Array(SaleStatus) }), ...errorResponses(401, 503) },
  },
});
