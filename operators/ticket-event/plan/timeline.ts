import { dataLeverLeadMs, leadSafety } from './lead-time.ts';
import type { DataLever, SaleDemand } from './sale-demand.ts';
import type { WarmingStart } from './warming-groups.ts';

const dayMs = 86_400_000;
const noInstant = Number.POSITIVE_INFINITY;

/** The instants of one sale, epoch milliseconds. A windowed sale has none: it keeps one floor for as long as it exists. */
export interface Timeline {
  readonly preflightAtMs: number;
  readonly dataStartsAtMs: ReadonlyMap<DataLever, number>;
  readonly podsStartAtMs: number;
  readonly readyAtMs: number;
  readonly roomOpensAtMs: number;
  readonly plannedOpensAtMs: number;
  /** Later than planned only under WhenConfirmed. */
  readonly opensAtMs: number;
  readonly closesAtMs: number;
  readonly drainStartsAtMs: number;
  readonly drainEndsAtMs: number;
}

/** Lays out a sale in time. */
export function timelineOf(sale: SaleDemand, warming: WarmingStart | undefined): Timeline {
  if (sale.opening.kind === 'windows' || !warming) {
    return {
      preflightAtMs: 0,
      dataStartsAtMs: new Map(sale.dataLevers.map((lever) => [lever, 0])),
      podsStartAtMs: 0,
      readyAtMs: 0,
      roomOpensAtMs: 0,
      plannedOpensAtMs: 0,
      opensAtMs: 0,
      closesAtMs: noInstant,
      drainStartsAtMs: noInstant,
      drainEndsAtMs: noInstant,
    };
  }
  const { roomOpensAtMs, opensAtMs: plannedOpensAtMs, closesAtMs } = sale.opening;
  const { memory } = sale;
  const decided = memory.opening?.plannedAtMs === plannedOpensAtMs ? memory.opening.opensAtMs : undefined;
  const opensAtMs =
    sale.openPolicy.mode === 'OnTime'
      ? plannedOpensAtMs
      : Math.min(decided ?? plannedOpensAtMs + sale.openPolicy.maxDelayMs, closesAtMs - 1);
  const started = memory.warming?.opensAtMs === plannedOpensAtMs ? memory.warming.startedAtMs : noInstant;
  const drainStartsAtMs = Math.min(closesAtMs, opensAtMs + sale.holdAfterOpenMs);
  const steps = Math.ceil(100 / sale.drain.stepPercent);
  return {
    preflightAtMs: plannedOpensAtMs - dayMs,
    dataStartsAtMs: new Map(
      sale.dataLevers.map((lever) => [lever, warming.readyAtMs - leadSafety * dataLeverLeadMs[lever]]),
    ),
    podsStartAtMs: Math.min(warming.startsAtMs, started),
    readyAtMs: warming.readyAtMs,
    roomOpensAtMs,
    plannedOpensAtMs,
    opensAtMs,
    closesAtMs,
    drainStartsAtMs,
    drainEndsAtMs: drainStartsAtMs + steps * sale.drain.intervalMs,
  };
}

/** The part of a sale's floors that stands at an instant, 0 to 1. */
export function shareAt(sale: SaleDemand, timeline: Timeline, nowMs: number): number {
  if (sale.opening.kind === 'windows') return 1;
  const begun = sale.memory.warming?.opensAtMs === timeline.plannedOpensAtMs;
  if (!begun && nowMs < timeline.podsStartAtMs) return 0;
  if (nowMs < timeline.drainStartsAtMs) return 1;
  const steps = Math.floor((nowMs - timeline.drainStartsAtMs) / Math.max(1, sale.drain.intervalMs));
  return Math.max(0, 1 - (steps * sale.drain.stepPercent) / 100);
}

/** The next instant at which something of this sale changes by the clock alone; undefined when nothing more will. */
export function nextTransitionMs(sale: SaleDemand, timeline: Timeline, nowMs: number): number | undefined {
  if (sale.opening.kind === 'windows') return undefined;
  const instants = [
    timeline.preflightAtMs,
    ...timeline.dataStartsAtMs.values(),
    timeline.podsStartAtMs,
    timeline.readyAtMs,
    timeline.roomOpensAtMs,
    timeline.plannedOpensAtMs,
    timeline.opensAtMs,
    timeline.closesAtMs,
    timeline.drainEndsAtMs,
  ];
  const { intervalMs } = sale.drain;
  if (nowMs < timeline.drainEndsAtMs) {
    const step = Math.max(0, Math.floor((nowMs - timeline.drainStartsAtMs) / Math.max(1, intervalMs)) + 1);
    instants.push(timeline.drainStartsAtMs, timeline.drainStartsAtMs + step * intervalMs);
  }
  const ahead = instants.filter((instant) => instant > nowMs && Number.isFinite(instant));
  return ahead.length > 0 ? Math.min(...ahead) : undefined;
}
