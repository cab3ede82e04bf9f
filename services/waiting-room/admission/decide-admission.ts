import type { AdmissionLimit } from '../room-state.ts';
import { unusedPlaceLapsesMs } from '../turn.ts';
import { overloadOf, steerHealth } from './steer-health.ts';

/** Counts of one sale at an instant; all but `waiting` only go up. */
export interface AdmissionCounts {
  readonly atMs: number;
  /** The serving number; −1 before the opening. */
  readonly serving: number;
  /** Places given out beyond the serving number, holes among them. */
  readonly waiting: number;
  /** Places taken by buyers. */
  readonly entered: number;
  /** Buyers who have used their turn. */
  readonly shown: number;
  /** Buyers who have their tickets. */
  readonly finished: number;
}

export interface AdmissionInput {
  /** Places per second by event or operator; 0 while suspended or paused. */
  readonly plannedRate: number;
  /** The rate that holds now; 0 before the opening. */
  readonly currentRate: number;
  /** Buyers per second the live pods of the weakest service can serve; undefined when none has been heard of. */
  readonly podRate: number | undefined;
  /** Of requests that change something, in the slowest service; undefined without traffic. */
  readonly p95Ms: number | undefined;
  /** How long the workers need for the commits that wait; undefined when none tells. */
  readonly backlogSeconds: number | undefined;
  /** Undefined for general admission, and while nobody knows. */
  readonly seats: { readonly free: number; readonly held: number } | undefined;
  /** The most buyers that may be admitted and not be finished. */
  readonly maxActive: number;
  readonly counts: AdmissionCounts;
}

export interface AdmissionSettings {
  readonly p95TargetMs: number;
  readonly backlogTargetSeconds: number;
}

/** What the next decision has to know of the ones before. */
export interface AdmissionMemory {
  /** Oldest first, some seconds apart. */
  readonly samples: readonly AdmissionCounts[];
  /** From 0 to 1: the part of what the pods are said to serve that they are trusted with. */
  readonly health: number;
  readonly cutAtMs: number;
  /** The health that was too much at the last cut. */
  readonly tooMuch: number;
  /** How much too slow the system was at the last decision, as in {@link Overload}. */
  readonly factor: number;
}

export interface AdmissionDecision {
  /** Places per second the room is to be served with. */
  readonly ratePerSecond: number;
  readonly limitedBy: AdmissionLimit;
  /** Buyers admitted and not finished, at most. */
  readonly active: number;
  /** The part of the admitted places whose buyers use them. */
  readonly showShare: number;
  readonly memory: AdmissionMemory;
}

/** A buyer who has not used the turn within this time will hardly do so. */
const graceMs = 60_000;
/** Nearly everybody who comes does so within this time: pages ask right after the turn. */
const comesWithinMs = 10_000;
const sampleEveryMs = 5000;
const showWindowMs = 300_000;
/** Until what is decided now takes effect, with the second between two decisions. */
const leadSeconds = 3.5;
/** What is decided now holds for less than this. */
const horizonSeconds = 5;
/**
 * So many buyers a second for each free seat: some three for each seat until the next decision takes effect, as not everybody
 * takes one. A few more come in any case: who has just been admitted may leave them all.
 */
const buyersPerFreeSeat = 0.5;
const leastForFreeSeats = 10;
/** No rate goes up for less than this part: each change is announced to everybody. */
const worthwhile = 1.05;
/** Places the share of shows is believed to be 1 for, until counts say more. */
const priorPlaces = 50;
const leastShowShare = 0.5;
/** A line this long makes up for no-shows; where nobody waits, places nobody has pass by. */
const longLineSeconds = 10;

/** The memory before a sale's first decision. */
export const noAdmissionMemory: AdmissionMemory = {
  samples: [],
  health: 1,
  cutAtMs: 0,
  tooMuch: 1,
  factor: 0,
};

/**
 * Decides how fast buyers are admitted: min(planned rate, what the live pods serve), less when answers are slow or commits
 * wait, never more than `maxActive` unfinished buyers or free seats allow. Pure: everything it knows is in its arguments.
 */
export function decideAdmission(
  input: AdmissionInput,
  before: AdmissionMemory,
  settings: AdmissionSettings,
): AdmissionDecision {
  const { plannedRate, podRate, currentRate, seats, maxActive, counts } = input;
  const samples = withSample(before.samples, counts);
  const { active, pending } = countActive(samples, counts);
  const showShare = showShareOf(samples, counts);
  const overload = overloadOf(input, settings);
  const steered = steerHealth(before, overload, counts.atMs);
  const { health } = steered;

  const budget = Math.min(plannedRate, podRate ?? plannedRate);
  const trusted = budget * health;
  const isLongLine = counts.waiting > longLineSeconds * plannedRate;
  // Places of no-shows are passed over, but never faster than the pods could bear if all of them came after all.
  const places = isLongLine
    ? Math.min(trusted / showShare, Math.max(trusted, (podRate ?? 0) * health))
    : trusted;
  const tired = overload.worst;
  let limit: { rate: number; by: AdmissionLimit } = {
    rate: places,
    by: health < 1 ? tired : budget < plannedRate ? 'pods' : 'planned',
  };
  const lower = (rate: number, by: AdmissionLimit) => {
    if (rate < limit.rate) limit = { rate, by };
  };
  const bearable = (maxActive - active - currentRate * leadSeconds) / horizonSeconds;
  // Buyers who came together leave together: going halfway keeps the next ones apart.
  const isRising = bearable > currentRate && bearable < plannedRate;
  lower(coarse(isRising ? (bearable + currentRate) / 2 : bearable), 'active');
  if (seats) {
    lower(Math.max(leastForFreeSeats, coarse((seats.free - pending) * buyersPerFreeSeat)), 'seats');
    if (seats.free === 0) lower(0, 'none-free');
    if (seats.free === 0 && seats.held === 0) limit = { rate: 0, by: 'sold-out' };
  }
  if (overload.isHopeless) lower(0, 'backlog');
  if (plannedRate === 0 && limit.by !== 'sold-out') limit = { rate: 0, by: 'paused' };

  const isWorthwhile =
    limit.rate <= currentRate ||
    currentRate === 0 ||
    limit.rate >= worthwhile * currentRate ||
    limit.rate === plannedRate;
  return {
    ratePerSecond: isWorthwhile ? limit.rate : currentRate,
    limitedBy: limit.by,
    active,
    showShare,
    memory: { ...steered, samples },
  };
}

/** To two digits, downwards: what is counted trembles, and each change is announced to everybody. */
function coarse(rate: number): number {
  if (rate < 0.1) return 0;
  const unit = 10 ** (Math.floor(Math.log10(rate)) - 1);
  return Math.floor(rate / unit) * unit;
}

function withSample(
  samples: readonly AdmissionCounts[],
  counts: AdmissionCounts,
): readonly AdmissionCounts[] {
  const last = samples.at(-1);
  if (last && counts.atMs - last.atMs < sampleEveryMs) return samples;
  const oldest = samples.findLastIndex(({ atMs }) => atMs <= counts.atMs - unusedPlaceLapsesMs);
  return [...samples.slice(Math.max(0, oldest)), counts];
}

/** The counts at that instant, or a few seconds before; the first ones known when it was before them. */
function countsAt(samples: readonly AdmissionCounts[], atMs: number): AdmissionCounts {
  return samples.findLast((sample) => sample.atMs <= atMs) ?? samples[0]!;
}

/** Buyers admitted between: the places passed, but not more than there were buyers to take them. */
function admittedBetween(from: AdmissionCounts, to: AdmissionCounts): number {
  return Math.max(0, Math.min(to.serving - from.serving, from.waiting + to.entered - from.entered));
}

/**
 * Who has used the turn and is neither finished nor so long ago that every hold has ended, and whoever was admitted in the last
 * minute and may still come: that everybody does is assumed here, so that `maxActive` holds also if they do. Who came in the
 * first seconds of that minute was admitted before it.
 */
function countActive(samples: readonly AdmissionCounts[], now: AdmissionCounts) {
  const begin = countsAt(samples, now.atMs - unusedPlaceLapsesMs);
  const lately = countsAt(samples, now.atMs - graceMs);
  const after = countsAt(samples, now.atMs - graceMs + comesWithinMs);
  const busy = Math.max(0, now.shown - begin.shown - (now.finished - begin.finished));
  const pending = Math.max(0, admittedBetween(lately, now) - (now.shown - after.shown));
  return { active: busy + pending, pending };
}

function showShareOf(samples: readonly AdmissionCounts[], now: AdmissionCounts): number {
  const from = countsAt(samples, now.atMs - showWindowMs);
  // Who was admitted just now cannot have shown up yet.
  const to = countsAt(samples, now.atMs - graceMs / 2);
  const share = (now.shown - from.shown + priorPlaces) / (admittedBetween(from, to) + priorPlaces);
  return Math.min(1, Math.max(leastShowShare, share));
}
