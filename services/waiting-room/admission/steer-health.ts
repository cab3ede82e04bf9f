import type { AdmissionInput, AdmissionMemory, AdmissionSettings } from './decide-admission.ts';

/** How much too slow the system is. */
export interface Overload {
  /** 1 at the target, 2 at twice as much; 0 without traffic. */
  readonly factor: number;
  readonly worst: 'latency' | 'backlog';
  /** So many commits wait that nobody is to be admitted until they are fewer. */
  readonly isHopeless: boolean;
}

const hopelessFactor = 3;
/** Until a cut has taken effect, what had queued up is served and that shows in what is measured. */
const settleMs = 8000;
/** A cut so soon after another is still about the same overload: what is borne lies between the two. */
const sameOverloadMs = 2 * settleMs;
/** TCP's, RFC 9438: more is lost in the way back than won by what is not admitted meanwhile. */
const deepestCut = 0.7;
const leastHealth = 0.05;
/** Recovery begins below this part of the target, or admission would swing around it. */
const calmBelow = 0.8;
/** Of the health that was too much; up to there it goes by this part of the way with each decision, one a second. */
const safePart = 0.95;
const recoveredPerDecision = 0.5;
/** Beyond, faster the longer no cut was needed: a quarter more within 40 s, as what was slow may be over. */
const probedPerSecondSince = 0.0003;
const fastestProbe = 0.05;

/** Compares what is measured with its targets. */
export function overloadOf(
  { p95Ms = 0, backlogSeconds = 0 }: Pick<AdmissionInput, 'p95Ms' | 'backlogSeconds'>,
  { p95TargetMs, backlogTargetSeconds }: AdmissionSettings,
): Overload {
  const latency = p95Ms / p95TargetMs;
  const backlog = backlogSeconds / backlogTargetSeconds;
  return {
    factor: Math.max(latency, backlog),
    worst: backlog > latency ? 'backlog' : 'latency',
    isHopeless: backlog > hopelessFactor,
  };
}

/** What is remembered of the system's health from one decision to the next. */
export type Health = Pick<AdmissionMemory, 'health' | 'cutAtMs' | 'tooMuch' | 'factor'>;

/**
 * Cuts by what the overload asks for, within bounds, then waits for the effect; goes back to what was nearly borne soon,
 * and beyond carefully, as TCP does (RFC 9438): so it finds the rate the system bears without knowing it. One slow decision
 * alone is no overload yet but a pause, of a garbage collector or a store that fails over, and may be over.
 */
export function steerHealth(before: Health, { factor }: Overload, nowMs: number): Health {
  const { health, cutAtMs, tooMuch } = before;
  const lasting = Math.min(factor, before.factor);
  if (lasting > 1 && nowMs - cutAtMs >= settleMs) {
    return {
      health: Math.max(leastHealth, health * Math.max(deepestCut, 1 / lasting)),
      cutAtMs: nowMs,
      tooMuch: tooMuchNow(before, nowMs),
      factor,
    };
  }
  if (factor > calmBelow || health === 1) return { ...before, factor };
  const towardsSafe = recoveredPerDecision * (safePart * tooMuch - health);
  const probe = Math.min(fastestProbe, (probedPerSecondSince * (nowMs - cutAtMs)) / 1000);
  const recovered = Math.min(1, health + Math.max(towardsSafe, probe));
  return { health: recovered, cutAtMs, tooMuch: Math.max(tooMuch, recovered), factor };
}

function tooMuchNow({ health, cutAtMs, tooMuch }: Health, nowMs: number): number {
  if (health >= tooMuch) return health;
  // Below what was too much before: the system bears less by now.
  return nowMs - cutAtMs < sameOverloadMs ? (health + tooMuch) / 2 : health * safePart;
}
