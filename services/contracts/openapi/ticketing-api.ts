import { eventRoutes, reservationRoutes } from '../http/api-routes.ts';
import { confirmRoutes } from '../http/confirm-routes.ts';
import { publicRoutes } from '../http/public-routes.ts';
import type { RouteContract } from '../http/route-contract.ts';
import { openApiDocument } from './open-api-document.ts';

const version = '1.0.0';
const description =
  'Errors have a stable `error` code and a `message`, no further keys. 429 and 503 carry Retry-After. Amounts are integers in minor units of the currency.';

/** The slices of the API: one document whole, and what each docs page shows. */
export const apiSlices = {
  ticketing: [...publicRoutes, ...confirmRoutes, ...eventRoutes, ...reservationRoutes],
  public: publicRoutes,
  confirm: confirmRoutes,
  api: [...eventRoutes, ...reservationRoutes],
} as const satisfies Record<string, readonly RouteContract[]>;

export type ApiSlice = keyof typeof apiSlices;

/** The OpenAPI document of a slice. */
export function ticketingApi(slice: ApiSlice = 'ticketing') {
  return openApiDocument(apiSlices[slice], { title: 'Onsale ticketing', version, description });
}
