/** What a request asked for; the checker reads nothing but these and the answers. */
export type Asked =
  | { readonly kind: 'enter'; readonly userId: string; readonly eventId: string }
  | { readonly kind: 'room-status'; readonly userId: string; readonly eventId: string }
  | { readonly kind: 'room-record'; readonly eventId: string }
  | { readonly kind: 'seats'; readonly eventId: string }
  | {
      readonly kind: 'hold';
      readonly userId: string;
      readonly eventId: string;
      /** What was asked: seats, or the best available of a section. */
      readonly seatIds?: readonly string[];
      readonly section?: string;
      readonly seatCount?: number;
      /** The token sent is not one of this sale and buyer. */
      readonly foreignToken?: true;
    }
  | {
      readonly kind: 'release';
      readonly userId: string;
      readonly eventId: string;
      readonly seatIds: readonly string[];
      /** Neither token nor holdId was sent. */
      readonly withoutProof?: true;
    }
  | {
      readonly kind: 'intent';
      readonly userId: string;
      readonly eventId: string;
      readonly seatIds: readonly string[];
      readonly key: string;
    }
  | { readonly kind: 'callback'; readonly intentId: string; readonly paymentId: string }
  | {
      readonly kind: 'commit';
      readonly userId: string;
      readonly eventId: string;
      readonly intentId: string;
      readonly seatIds: readonly string[];
      readonly key: string;
    }
  | { readonly kind: 'status'; readonly key: string }
  | { readonly kind: 'cancel'; readonly userId: string; readonly orderId: string }
  | {
      readonly kind: 'reserve';
      readonly userId: string;
      readonly eventId: string;
      readonly quantity: number;
      readonly key: string;
    }
  | { readonly kind: 'cancel-reservation'; readonly userId: string; readonly reservationId: number };

/** An HTTP answer, or nothing: then whatever was asked for may have happened, or happen yet, or not. */
export type Answered =
  | {
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly body: Readonly<Record<string, unknown>>;
    }
  | { readonly status: 'unknown'; readonly error: string };

/** One request with its answer. Times are milliseconds since the epoch, kept on the monotonic clock. */
export interface Exchange<A extends Asked = Asked> {
  readonly asked: A;
  readonly startMs: number;
  readonly endMs: number;
  readonly answer: Answered;
}

/** An exchange of one kind. */
export type ExchangeOf<K extends Asked['kind']> = Exchange<Extract<Asked, { kind: K }>>;

/** Everything the clients saw. */
export interface History {
  readonly exchanges: readonly Exchange[];
  /** Sends one request and records it; resolves with the answer and never rejects. */
  record(asked: Asked, send: () => Promise<Exclude<Answered, { status: 'unknown' }>>): Promise<Answered>;
}

/** Now, on the monotonic clock: a step of the wall clock must not turn the order of two requests around. */
export function monotonicNowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Makes an empty {@link History}. */
export function createHistory(): History {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    async record(asked, send) {
      const startMs = monotonicNowMs();
      let answer: Answered;
      try {
        answer = await send();
      } catch (error) {
        answer = { status: 'unknown', error: error instanceof Error ? error.message : String(error) };
      }
      exchanges.push({ asked, startMs, endMs: monotonicNowMs(), answer });
      return answer;
    },
  };
}

/** The exchanges of one kind, in the order they ended. */
export function exchangesOf<K extends Asked['kind']>(
  exchanges: readonly Exchange[],
  kind: K,
): ExchangeOf<K>[] {
  return exchanges.filter((exchange): exchange is ExchangeOf<K> => exchange.asked.kind === kind);
}
