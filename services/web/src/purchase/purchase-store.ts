import type { HoldRequest, SaleClient } from '../api/sale-client.ts';
import type { Card } from '../api/payment-simulator.ts';
import type { ServerClock } from '../clock/server-clock.ts';
import type { PageSettings } from '../session/page-settings.ts';
import type { SharedValue } from '../shared/shared-value.ts';
import { confirmOrder } from './confirm-order.ts';
import { followRoom } from './follow-room.ts';
import type { Connection } from './persist-ask.ts';
import { advance, type NoticeCode, type Purchase, type PurchaseEvent } from './purchase.ts';
import { settlePayment } from './settle-payment.ts';
import type { Standing } from './standing.ts';
import { wait } from './wait.ts';

/** What a screen shows of a purchase. */
export interface PurchaseView {
  readonly purchase: Purchase;
  readonly standing: Standing | undefined;
  readonly connection: Connection;
  /** A request of the buyer's own is under way. */
  readonly busy: boolean;
}

/** One buyer's purchase of one event: what it shows, and what the buyer can do. */
export interface PurchaseStore {
  get(): PurchaseView;
  subscribe(listener: () => void): () => void;
  enter(): Promise<void>;
  hold(request: HoldRequest): Promise<void>;
  release(): Promise<void>;
  pay(card: Card): void;
  beginAgain(): void;
  dismissNotice(): void;
}

export interface PurchaseDeps {
  readonly eventId: string;
  readonly userId: string;
  readonly client: SaleClient;
  readonly clock: Pick<ServerClock, 'nowMs'>;
  readonly kept: SharedValue<Purchase>;
  readonly payment: PageSettings['payment'];
}

/** Refusals after which the place in the waiting room is worth nothing. */
const endsPlace: readonly NoticeCode[] = ['room_expired', 'sale_not_open', 'event_cancelled'];

/** A hold whose answer never came, as after a refresh, is given back after this long. */
const holdAnswerMs = 12_000;

/** Makes the store. While somebody subscribes it does what the phase asks for: polls, counts down, pays, follows the order. */
export function createPurchaseStore(deps: PurchaseDeps): PurchaseStore {
  const { eventId, client, clock, kept } = deps;
  const listeners = new Set<() => void>();
  let view: PurchaseView = { purchase: kept.get(), standing: undefined, connection: 'ok', busy: false };
  let work = new AbortController();
  let working: Purchase['phase'] | undefined;
  let isRunning = false;
  let stopKept = () => {};

  const show = (change: Partial<PurchaseView>) => {
    view = { ...view, ...change };
    for (const listener of listeners) listener();
  };
  const apply = (event: PurchaseEvent) => {
    const next = advance(view.purchase, event);
    if (next !== view.purchase) kept.set(next);
  };
  const onConnection = (connection: Connection) => {
    if (connection !== view.connection) show({ connection });
  };
  const onKept = () => {
    show({ purchase: kept.get() });
    followPhase();
  };

  /** Begins the phase's own work; that of the phase before is aborted. */
  const followPhase = () => {
    const { phase } = view.purchase;
    if (!isRunning || phase === working) return;
    working = phase;
    work.abort();
    work = new AbortController();
    if (view.connection !== 'ok') show({ connection: 'ok' });
    void doPhase(view.purchase, work.signal).catch((error: unknown) => {
      if ((error as Error).name !== 'AbortError') throw error;
    });
  };

  const doPhase = async (purchase: Purchase, signal: AbortSignal): Promise<void> => {
    switch (purchase.phase) {
      case 'outside':
      case 'ended':
        return;
      case 'waiting': {
        show({ standing: undefined });
        const { place } = purchase;
        const onStanding = (standing: Standing) => show({ standing });
        const follower = { client, clock, eventId, place, signal, onStanding, onConnection };
        const { outcome } = await followRoom(follower);
        apply(outcome === 'admitted' ? { type: 'admitted' } : { type: 'place-lost', notice: 'room_expired' });
        return;
      }
      case 'choosing':
        while (clock.nowMs() < purchase.place.closesAtMs) {
          await wait(purchase.place.closesAtMs - clock.nowMs(), signal);
        }
        apply({ type: 'place-lost', notice: 'sale_over' });
        return;
      case 'holding': {
        await wait(purchase.askedAtMs + holdAnswerMs - clock.nowMs(), signal);
        const { request, place } = purchase;
        if ('seatIds' in request) await client.release(eventId, place.roomToken, request.seatIds);
        apply({ type: 'hold-refused', notice: 'unreachable' });
        return;
      }
      case 'held':
        await wait(purchase.hold.expiresAtMs - clock.nowMs(), signal);
        apply({ type: 'hold-lapsed' });
        return;
      case 'paying':
        await settlePayment({ ...deps, purchase, signal, apply, onConnection });
        return;
      case 'confirming':
        await confirmOrder({ client, eventId, purchase, signal, apply, onConnection });
        return;
    }
  };

  /** The buyer's own request: one at a time, its trouble becomes a notice. */
  const act = async (request: () => Promise<NoticeCode | undefined>) => {
    if (view.busy) return;
    show({ busy: true });
    const notice = await request();
    if (notice) apply({ type: 'noticed', notice });
    show({ busy: false });
  };

  return {
    get: () => view,
    subscribe(listener) {
      listeners.add(listener);
      if (!isRunning) {
        isRunning = true;
        stopKept = kept.subscribe(onKept);
        onKept();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        isRunning = false;
        working = undefined;
        work.abort();
        stopKept();
      };
    },
    enter: () =>
      act(async () => {
        const answer = await client.enter(eventId);
        if (answer.outcome === 'refused') return answer.code;
        if (answer.outcome !== 'ok') return 'unreachable';
        const { saleId, roomToken, joinIndex, opensAt, closesAt } = answer.body;
        const place = {
          saleId,
          roomToken,
          joinIndex,
          opensAtMs: Date.parse(opensAt),
          closesAtMs: Date.parse(closesAt),
        };
        apply({ type: 'entered', place });
        return undefined;
      }),
    hold: (request) =>
      act(async () => {
        const { purchase } = view;
        if (purchase.phase !== 'choosing') return undefined;
        apply({ type: 'hold-asked', request, askedAtMs: clock.nowMs() });
        const answer = await client.hold(eventId, purchase.place.roomToken, request);
        if (answer.outcome === 'ok') {
          const { holdId, seatIds, expiresAt } = answer.body;
          apply({ type: 'hold-placed', hold: { holdId, seatIds, expiresAtMs: Date.parse(expiresAt) } });
          return undefined;
        }
        const notice = answer.outcome === 'refused' ? answer.code : 'unreachable';
        if (endsPlace.includes(notice)) apply({ type: 'place-lost', notice });
        else if (notice === 'room_not_ready') apply({ type: 'turn-not-come' });
        else {
          // Whether it came through is not known: what it may have taken is given back.
          if (notice === 'unreachable' && 'seatIds' in request) {
            void client.release(eventId, purchase.place.roomToken, request.seatIds);
          }
          apply({ type: 'hold-refused', notice });
        }
        return undefined;
      }),
    release: () =>
      act(async () => {
        const { purchase } = view;
        if (purchase.phase !== 'held') return undefined;
        const answer = await client.release(eventId, purchase.place.roomToken, purchase.hold.seatIds);
        if (answer.outcome === 'refused') return answer.code;
        if (answer.outcome !== 'ok') return 'unreachable';
        apply({ type: 'hold-released' });
        return undefined;
      }),
    pay(card) {
      const payment = {
        intentKey: `intent-${crypto.randomUUID()}`,
        commitKey: `commit-${crypto.randomUUID()}`,
        card,
        intentId: null,
        amountMinor: null,
        submitted: false,
      };
      apply({ type: 'pay-asked', payment });
    },
    beginAgain: () => apply({ type: 'begun-again' }),
    dismissNotice: () => apply({ type: 'noticed', notice: null }),
  };
}
