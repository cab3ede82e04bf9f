/** Every stable `error` code of the wire, with the HTTP status it travels with. Codes are added, never renamed. */
export const errorStatus = {
  bad_request: 400,
  unauthorized: 401,
  bad_signature: 401,
  room_expired: 401,
  room_not_ready: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  event_cancelled: 409,
  idempotency_key_reused: 409,
  limit_reached: 409,
  sale_not_open: 409,
  seat_already_held_or_sold: 409,
  sold_out: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  throttled: 429,
  internal_error: 500,
  cache_unavailable: 503,
  overloaded: 503,
  rebuilding: 503,
  unavailable: 503,
} as const;

/** A stable snake_case code of the error body. */
export type ErrorCode = keyof typeof errorStatus;
