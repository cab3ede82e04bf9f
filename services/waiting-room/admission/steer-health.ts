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
/** Until a cut has taken effect and shows in what is measured. */
const settleMs = 6000;
const deepestCut = 0.5;
const leastHealth = 0.05;
/** Recovery begins below this part of the target, or admission would swing around it. */
const calmBelow = 0.8;
/** There is one decision a second. */
const recoveryPerDecision = 0.02;

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

/**
 * Cuts by what the overload asks for and at most by half, then waits for the effect; recovers slowly. Additive increase and
 * multiplicative decrease find the rate the system bears without knowing it.
 */
export function steerHealth(
  { health, cutAtMs }: Pick<AdmissionMemory, 'health' | 'cutAtMs'>,
  { factor }: Overload,
  nowMs: number,
): Pick<AdmissionMemory, 'health' | 'cutAtMs'> {
  if (factor > 1) {
    if (nowMs - cutAtMs < settleMs) return { health, cutAtMs };
    return { health: Math.max(leastHealth, health * Math.max(deepestCut, 1 / factor)), cutAtMs: nowMs };
  }
  if (factor > calmBelow || health === 1) return { health, cutAtMs };
  return { health: Math.min(1, health + recoveryPerDecision), cutAtMs };
}
