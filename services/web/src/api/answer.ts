import type { ErrorCode } from '@onsale/contracts/error-codes';

/** A service said no. */
export interface Refused {
  readonly outcome: 'refused';
  readonly status: number;
  readonly code: ErrorCode;
  /** The service's own words, in English. */
  readonly message: string;
  /** When to ask again, if it said so. */
  readonly retryAfterSec: number | undefined;
}

/** What came of a request. */
export type Answer<Body> =
  | { readonly outcome: 'ok'; readonly body: Body; readonly etag: string | undefined }
  /** The ETag sent along still holds. */
  | { readonly outcome: 'unchanged' }
  | Refused
  /** No answer: the network, or everything behind it, is away. */
  | { readonly outcome: 'unreachable' };

/** Codes that pass by themselves: ask again after a while. */
const passing: readonly ErrorCode[] = [
  'throttled',
  'overloaded',
  'unavailable',
  'cache_unavailable',
  'rebuilding',
  'internal_error',
];

/** Whether the same request may well succeed a little later. */
export function isPassing(answer: Refused): boolean {
  return passing.includes(answer.code);
}
