import { pollAfterSec } from './poll-after.ts';
import type { Turn } from './turn.ts';
import type { Standing } from './waiting-room.ts';

/** Puts a turn into the units of the wire: whole seconds, and never 0 of them for a buyer who still has to wait. */
export function standingOf(
  { ready, drawn, position, leftMs }: Turn,
  { opensInMs, joined, admission }: { opensInMs: number; joined: number; admission: Standing['admission'] },
  random: () => number,
): Standing {
  return {
    ready,
    drawn,
    position,
    leftSec: ready ? 0 : Math.max(1, Math.ceil(leftMs / 1000)),
    admission,
    pollAfterSec: pollAfterSec({ ready, drawn, leftMs: drawn ? leftMs : opensInMs, cohort: joined }, random),
  };
}
