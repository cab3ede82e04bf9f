import { ApiError } from '@onsale/platform/http/api-error';
import type { Clock } from '@onsale/platform/clock';
import type { RoomStore } from './room-store.ts';
import type { SaleRoom } from './sale-room.ts';
import { changeServing } from './serving.ts';

/** What an operator asks of a sale's admission; `resume` goes back to the event's own rate. */
export type RateChange =
  | { readonly action: 'pause' | 'resume' }
  | { readonly action: 'rate'; readonly ratePerSecond: number };

export interface ChangeRateDeps {
  readonly store: Pick<RoomStore, 'changeServing'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Admission follows the system: a faster rate is then announced by whoever steers it, as far as the system bears it. */
  readonly isSteered: boolean;
  visit(room: SaleRoom): Promise<void>;
}

/** Slower than one in a thousand seconds is a pause. */
const slowestRate = 0.001;
const fastestRate = 100_000;
const maxAttempts = 5;

/**
 * Records the operator's rate and announces the change, if none is announced already: then the keeper follows with this
 * one once that has begun. Returns the rate wanted from then on: 0 for a suspended event, whatever was asked.
 */
export async function changeRate(
  room: SaleRoom,
  change: RateChange,
  { store, clock, isSteered, visit }: ChangeRateDeps,
): Promise<{ readonly ratePerSecond: number; readonly effectiveAtMs: number }> {
  const rateOverride = overrideOf(change);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    await visit(room);
    const state = room.state!;
    const { suspend, waitingRoom } = room.published.event;
    const rate = suspend ? 0 : (rateOverride ?? waitingRoom.ratePerSecond);
    const nowMs = clock.nowMs();
    const isFaster = rate > (state.pieces.at(-1)?.rate ?? 0);
    const pieces =
      isSteered && isFaster
        ? undefined
        : changeServing(state.pieces, { nowMs, rate, leadMs: room.changeLeadMs });
    const outcome = await store.changeServing(room.sale.saleId, state, {
      pieces: pieces ?? state.pieces,
      rateOverride,
    });
    if (outcome !== 'changed') continue;
    await visit(room);
    return { ratePerSecond: rate, effectiveAtMs: effectiveAtMs(room, rate, nowMs) };
  }
  throw new ApiError('unavailable', 'The rate is being changed by somebody else; try again');
}

/** Announces the rate, places per second, where the last piece has another. True when it did. */
export async function followRate(
  room: SaleRoom,
  rate: number,
  { store, clock }: Pick<ChangeRateDeps, 'store' | 'clock'>,
): Promise<boolean> {
  const state = room.state!;
  const pieces = changeServing(state.pieces, {
    nowMs: clock.nowMs(),
    rate,
    leadMs: room.changeLeadMs,
  });
  if (!pieces) return false;
  const { rateOverride } = state;
  // Every replica tries at about the same time; the one whose version still holds wins.
  return (await store.changeServing(room.sale.saleId, state, { pieces, rateOverride })) === 'changed';
}

function overrideOf(change: RateChange): number | undefined {
  if (change.action === 'resume') return undefined;
  const rate = change.action === 'rate' ? change.ratePerSecond : 0;
  if (rate === 0 || (rate >= slowestRate && rate <= fastestRate)) return rate;
  throw new ApiError('bad_request', `ratePerSecond must be 0 or from ${slowestRate} to ${fastestRate}`);
}

function effectiveAtMs(room: SaleRoom, rate: number, nowMs: number): number {
  const last = room.state!.pieces.at(-1);
  if (!last) return room.sale.opensAtMs;
  if (last.rate === rate) return Math.max(last.since, nowMs);
  return Math.max(last.since, nowMs) + room.changeLeadMs;
}
