import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import type { Phase } from './words/console-text-shapes.ts';

type Times = Pick<SaleStatus, 'cancellation' | 'roomOpensAt' | 'opensAt' | 'closesAt'>;

export interface PhaseNow {
  readonly phase: Phase;
  /** When the next phase begins, epoch milliseconds; null after the last. */
  readonly untilMs: number | null;
}

/** The phase now, reckoned from the sale's instants: it changes at the second and not at the next answer. */
export function phaseAt({ cancellation, roomOpensAt, opensAt, closesAt }: Times, nowMs: number): PhaseNow {
  if (cancellation) return { phase: 'cancelled', untilMs: null };
  const phases = [
    ['room-closed', roomOpensAt],
    ['room-open', opensAt],
    ['on-sale', closesAt],
  ] as const;
  for (const [phase, until] of phases) {
    const untilMs = Date.parse(until);
    if (nowMs < untilMs) return { phase, untilMs };
  }
  return { phase: 'closed', untilMs: null };
}
