import { Type, type TSchema } from 'typebox';
import type { ErrorBody } from './error-body.ts';

/** One endpoint as both sides see it: services register it with a handler, the OpenAPI document is printed from it. */
export interface RouteContract {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT';
  readonly url: string;
  readonly schema: {
    readonly operationId: string;
    readonly summary: string;
    readonly tags: readonly string[];
    readonly description?: string;
    readonly security?: readonly Record<string, readonly string[]>[];
    readonly params?: TSchema;
    readonly querystring?: TSchema;
    readonly headers?: TSchema;
    readonly body?: TSchema;
    readonly response: Readonly<Record<string, TSchema>>;
  };
}

/** Checks a literal against {@link RouteContract} without widening it, so handlers keep their exact types. */
export function defineRoute<const Contract extends RouteContract>(contract: Contract): Contract {
  return contract;
}

/** The error answers an endpoint documents, by status. */
export function errorResponses<const Status extends number>(...statuses: Status[]) {
  return Object.fromEntries(statuses.map((status) => [status, Type.Ref('Error')])) as unknown as Record<
    Status,
    typeof ErrorBody
  >;
}
