import { errorStatus, type ErrorCode } from '@onsale/contracts/error-codes';

/** An answer of the contract's error shape, thrown where a handler cannot go on. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Sent as Retry-After; 429 and 503 always carry one. */
  readonly retryAfterSec: number | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfterSec?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = errorStatus[code];
    this.retryAfterSec =
      options.retryAfterSec ?? (this.status === 503 || this.status === 429 ? 1 : undefined);
  }
}
