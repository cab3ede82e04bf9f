import { Counter, Rate, Trend } from 'k6/metrics';

/** Orders that ended CONFIRMED with their tickets; nothing else is a sale. */
export const ordersConfirmed = new Counter('orders_confirmed');
export const ordersRejected = new Counter('orders_rejected');
/** Seats that two orders were confirmed for. */
export const doubleSold = new Counter('double_sold');
/** Accepted commits without an end in time, and confirmed orders that are not among the buyer's. */
export const lostOrders = new Counter('lost_orders');
/** Buyers whose turn did not come in time. */
export const turnsMissed = new Counter('turns_missed');
/** Holds that somebody else was faster for. */
export const holdsRefused = new Counter('holds_refused');
/** Answers of 500 and more, and none at all. */
export const serverErrors = new Rate('server_errors');
/** From commit to CONFIRMED, milliseconds. */
export const orderDuration = new Trend('order_duration', true);
