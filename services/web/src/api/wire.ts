import type { EventView, ReservationView } from '@onsale/contracts/http/api-routes';
import type {
  cancelOrderRoute,
  listOrdersRoute,
  Order as OrderSchema,
  OrderRank as OrderRankSchema,
  PaymentIntent as PaymentIntentSchema,
  paymentIntentRoute,
  statusRoute,
} from '@onsale/contracts/http/confirm-routes';
import type {
  enterRoute,
  holdRoute,
  roomRecordRoute,
  roomStatusRoute,
  seatsRoute,
} from '@onsale/contracts/http/public-routes';
import type { Static, TSchema } from 'typebox';

type Ok<Route extends { schema: { response: { 200: TSchema } } }> = Static<Route['schema']['response'][200]>;

/** An event of the list; prices in minor units, instants as ISO 8601. */
export type SaleEvent = Static<typeof EventView>;
/** Tickets of general admission. */
export type Reservation = Static<typeof ReservationView>;
export type Entered = Ok<typeof enterRoute>;
export type RoomStatus = Ok<typeof roomStatusRoute>;
export type RoomRecord = Ok<typeof roomRecordRoute>;
export type SeatMapAnswer = Ok<typeof seatsRoute>;
export type HeldSeats = Ok<typeof holdRoute>;
export type Intent = Ok<typeof paymentIntentRoute>;
export type PaymentIntent = Static<typeof PaymentIntentSchema>;
export type OrderStatus = Ok<typeof statusRoute>;
export type Order = Static<typeof OrderSchema>;
export type OrderRank = Static<typeof OrderRankSchema>;
export type OrderList = Ok<typeof listOrdersRoute>;
export type CancelledOrder = Ok<typeof cancelOrderRoute>;
