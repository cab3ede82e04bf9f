/** The steps of a purchase, as measured. */
export const steps = [
  'enter',
  'room-status',
  'seats',
  'hold',
  'release',
  'payment-intent',
  'pay',
  'commit',
  'status',
  'events',
  'clock',
] as const;
export type Step = (typeof steps)[number];

/** One request and what came of it. */
export interface Exchange {
  readonly step: Step;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly elapsedMs: number;
}

/** What a request was answered. */
export type Answer<Body> =
  | { readonly outcome: 'ok'; readonly body: Body }
  /** The service said no, for this reason; `code` is the error body's. */
  | { readonly outcome: 'refused'; readonly status: number; readonly code: string }
  /** 429, 503 or no answer at all: worth another try after this long. */
  | { readonly outcome: 'try-again'; readonly code: string; readonly afterMs: number };
