import { changeLeadMs, changeServing, openingPiece, servingNumber, type ServingPiece } from '../serving.ts';
import type { AdmissionLimit } from '../room-state.ts';
import { decideAdmission, noAdmissionMemory } from './decide-admission.ts';
import { summarizePods, type PodHeartbeat } from './pods.ts';

/** A sale as it is played; what changes in its course is a function of the seconds since the opening. */
export interface SyntheticSale {
  readonly seconds: number;
  readonly buyers: number;
  readonly plannedRate: number;
  readonly maxActive: number;
  readonly seats: number;
  /** Part of the places whose buyers have gone away. */
  readonly noShows: number;
  /** Part of those who come that leaves without tickets. */
  readonly leavers: number;
  /** Replicas of each of the two APIs. */
  readonly pods: (second: number) => number;
  /** What a replica says it serves, and what it does, buyers per second. */
  readonly said: number;
  readonly real: (second: number) => number;
  /** Orders per second all workers settle. */
  readonly settled: (second: number) => number;
  /** False: the plan alone, as without any steering. */
  readonly steered: boolean;
  readonly seed: number;
}

/** One second of the sale. */
export interface CrowdSecond {
  readonly rate: number;
  readonly limitedBy: AdmissionLimit;
  readonly serving: number;
  /** Buyers who came when their turn did. */
  readonly came: number;
  /** Buyers in the shop, exactly. */
  readonly active: number;
  readonly p95Ms: number;
  readonly backlog: number;
  readonly sold: number;
  readonly free: number;
  /** Came and found no seat. */
  readonly disappointed: number;
}

const holdSeconds = 120;
const servingNow = (pieces: readonly ServingPiece[], second: number) => servingNumber(pieces, second * 1000);

/**
 * Plays a sale second by second: buyers come some seconds after their turn, hold a seat, take a while to pay, leave or are
 * settled by the workers; answers become slow as the pods are overtaxed. Steered by the same decisions, serving pieces and
 * heartbeats as a real one, announced as far ahead.
 */
export function playSale(sale: SyntheticSale): { seconds: CrowdSecond[]; pieces: readonly ServingPiece[][] } {
  const random = mulberry32(sale.seed);
  let pieces: readonly ServingPiece[] = [openingPiece(0, sale.plannedRate)];
  const history: (readonly ServingPiece[])[] = [pieces];
  const seconds: CrowdSecond[] = [];
  const schedule = new Map<number, (() => void)[]>();
  const after = (second: number, what: () => void) => {
    const at = Math.ceil(second);
    schedule.set(at, [...(schedule.get(at) ?? []), what]);
  };
  let memory = noAdmissionMemory;
  let [reached, came, shown, finished, sold, held, active, disappointed] = [-1, 0, 0, 0, 0, 0, 0, 0];
  let [unserved, backlog, p95Ms] = [0, 0, 80];
  const heartbeats: PodHeartbeat[] = [];

  const settle = () => {
    held--;
    sold++;
    finished++;
    active--;
  };
  const arrive = (second: number) => {
    came++;
    shown++;
    active++;
    if (held + sold >= sale.seats) {
      disappointed++;
      after(second + 5, () => active--);
      return;
    }
    held++;
    if (random() < sale.leavers) {
      after(second + holdSeconds, () => {
        held--;
        active--;
      });
    } else after(second + 20 + 40 * random(), () => backlog++);
  };

  for (let second = 0; second < sale.seconds; second++) {
    const cameBefore = came;
    for (const what of schedule.get(second) ?? []) what();
    schedule.delete(second);
    const serving = Math.min(sale.buyers - 1, servingNow(pieces, second));
    for (; reached < serving; reached++) {
      if (random() < sale.noShows) continue;
      const comes = second + 1 + 9 * random();
      after(comes, () => arrive(comes));
    }
    for (let done = Math.min(backlog, sale.settled(second)); done > 0; done--) {
      backlog--;
      settle();
    }
    const capacity = sale.pods(second) * sale.real(second);
    unserved = Math.max(0, unserved + (came - cameBefore) - capacity);
    const use = capacity === 0 ? 1 : Math.min(0.95, (came - cameBefore) / capacity);
    p95Ms = 60 / (1 - use) + (capacity === 0 ? 0 : (1000 * unserved) / capacity);

    heartbeats.length = 0;
    const heartbeat = { atMs: second * 1000, buyersPerSecond: sale.said };
    for (let pod = 0; pod < sale.pods(second); pod++) {
      heartbeats.push(
        { ...heartbeat, service: 'public-api', p95Ms },
        { ...heartbeat, service: 'confirm-api', p95Ms },
      );
    }
    // Pods that are gone are known of, and for some seconds nobody notices.
    heartbeats.push(...lastBreaths(sale, second));
    heartbeats.push({
      ...heartbeat,
      service: 'confirm-worker',
      buyersPerSecond: sale.settled(0),
      queueDepth: backlog,
    });

    const nowMs = second * 1000;
    const currentRate = pieces.findLast(({ since }) => since <= nowMs)?.rate ?? 0;
    const number = servingNow(pieces, second);
    const decision = decideAdmission(
      {
        plannedRate: sale.plannedRate,
        currentRate,
        ...summarizePods(heartbeats, nowMs),
        seats: { free: sale.seats - held - sold, held },
        maxActive: sale.maxActive,
        counts: {
          atMs: nowMs,
          serving: number,
          waiting: sale.buyers - 1 - number,
          entered: sale.buyers,
          shown,
          finished,
        },
      },
      memory,
      { p95TargetMs: 500, backlogTargetSeconds: 10 },
    );
    ({ memory } = decision);
    const changed = sale.steered && changeServing(pieces, { nowMs, rate: decision.ratePerSecond });
    if (changed) {
      pieces = changed;
      history.push(pieces);
    }
    seconds.push({
      rate: currentRate,
      limitedBy: decision.limitedBy,
      serving: number,
      came: came - cameBefore,
      active,
      p95Ms,
      backlog,
      sold,
      free: sale.seats - held - sold,
      disappointed,
    });
  }
  return { seconds, pieces: history.map((one) => [...one]) };
}

/** Until what is decided takes effect, seconds: a turn of the keeper, and the announcement. */
export const decisionSeconds = 1 + changeLeadMs / 1000;

function* lastBreaths(sale: SyntheticSale, second: number): Iterable<PodHeartbeat> {
  for (let ago = 1; ago <= Math.min(second, 60); ago++) {
    const before = sale.pods(second - ago);
    const gone = before - Math.max(...Array.from({ length: ago }, (_, index) => sale.pods(second - index)));
    for (let pod = 0; pod < gone; pod++) {
      const atMs = (second - ago) * 1000;
      yield { service: 'public-api', atMs, buyersPerSecond: sale.said };
      yield { service: 'confirm-api', atMs, buyersPerSecond: sale.said };
    }
  }
}

/** Small and seeded: a simulation that fails can be played again. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
