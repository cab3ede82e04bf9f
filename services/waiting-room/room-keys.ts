import type { SaleId } from '@onsale/contracts/sale/sale-id';

/** The sale-wide record: counter, seal, serving number. One hash, so that every script sees it whole. */
export const roomKey = (saleId: SaleId): string => `room:{${saleId}}`;

/** A buyer's own place: tagged by sale and buyer, so that buyers spread over a cluster's masters. */
export const placeKey = (saleId: SaleId, userId: string): string => `place:{${saleId}:${userId}}`;
