import type { EventDefinition } from './event-definition.ts';
import { parseSaleId, saleIdOf, type SaleId } from './sale-id.ts';

/** One sale in time; all instants are epoch milliseconds of the one clock. */
export interface SaleWindow {
  readonly saleId: SaleId;
  readonly round: number;
  readonly roomOpensAtMs: number;
  readonly opensAtMs: number;
  readonly closesAtMs: number;
}

/** Each event's sale last asked for: every request asks, nearly always for the same. */
const lastAsked = new WeakMap<EventDefinition, SaleWindow>();

/** The sale with this round number. An ordinary sale has the single round 0. */
export function saleOfRound(event: EventDefinition, round: number): SaleWindow {
  const last = lastAsked.get(event);
  if (last?.round === round) return last;
  const { sale } = event;
  const opensAtMs = sale.kind === 'once' ? sale.opensAtMs : round * sale.everyMs;
  const closesAtMs = sale.kind === 'once' ? sale.closesAtMs : opensAtMs + sale.openForMs;
  const asked = {
    saleId: saleIdOf(event.eventId, round),
    round,
    roomOpensAtMs: opensAtMs - event.waitingRoom.opensBeforeMs,
    opensAtMs,
    closesAtMs,
  };
  lastAsked.set(event, asked);
  return asked;
}

/** The sale of this name, which is one of the event's. */
export function saleOfId(event: EventDefinition, saleId: SaleId): SaleWindow {
  const last = lastAsked.get(event);
  return last?.saleId === saleId ? last : saleOfRound(event, parseSaleId(saleId)!.round);
}

/** The sale a buyer arriving now is part of: the one that is open, else the next to open, else the one that is over. */
export function currentSale(event: EventDefinition, nowMs: number): SaleWindow {
  if (event.sale.kind === 'once') return saleOfRound(event, 0);
  const running = saleOfRound(event, Math.floor(nowMs / event.sale.everyMs));
  return nowMs < running.closesAtMs ? running : saleOfRound(event, running.round + 1);
}

/** The sale that opened last: holds placed in it may still be paid for after it closed. */
export function latestOpenedSale(event: EventDefinition, nowMs: number): SaleWindow {
  if (event.sale.kind === 'once') return saleOfRound(event, 0);
  return saleOfRound(event, Math.floor(nowMs / event.sale.everyMs));
}

/** The sales a buyer may hold seats of, latest first: of practice rounds also the one before, while its last holds live. */
export function salesWithHolds(event: EventDefinition, nowMs: number): SaleWindow[] {
  const latest = latestOpenedSale(event, nowMs);
  if (event.sale.kind === 'once') return [latest];
  const before = saleOfRound(event, latest.round - 1);
  return nowMs < before.closesAtMs + event.holdTtlMs ? [latest, before] : [latest];
}

export type SaleState = 'room-closed' | 'room-open' | 'on-sale' | 'closed';

export function saleState(window: SaleWindow, nowMs: number): SaleState {
  if (nowMs >= window.closesAtMs) return 'closed';
  if (nowMs >= window.opensAtMs) return 'on-sale';
  return nowMs >= window.roomOpensAtMs ? 'room-open' : 'room-closed';
}
