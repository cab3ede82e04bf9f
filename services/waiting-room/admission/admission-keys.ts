import type { SaleId } from '@onsale/contracts/sale/sale-id';

/** Hash: who steers the sale's admission, and what the last decision left for the next. Has the tag of the room's record. */
export const admissionKey = (saleId: SaleId): string => `admission:{${saleId}}`;

/** HyperLogLog of the join indexes that were used: 12 KiB, right to a percent, and counting one twice changes nothing. */
export const shownKey = (saleId: SaleId): string => `shown:{${saleId}}`;

/** HyperLogLog of the buyers who have their tickets. */
export const finishedKey = (saleId: SaleId): string => `finished:{${saleId}}`;

/** Hash: the last heartbeat of each replica of any service. */
export const heartbeatsKey = '{pods}:heartbeats';
