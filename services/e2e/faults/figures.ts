import { exchangesOf, type Exchange } from './history.ts';

/** How a run recovered from one fault. Times count from the instant the harm was undone; undefined: not until the end. */
export interface Recovery {
  readonly fault: string;
  readonly fromMs: number;
  readonly undoneMs: number;
  /** Until the first success of each kind of request that was answered at all. */
  readonly firstSuccessMs: Readonly<Partial<Record<WatchedKind, number>>>;
  /** Until seats were given out or refused again to somebody admitted long before: the seats alone, without the waiting room. */
  readonly seatsMs: number | undefined;
  /** Until a second in which as much succeeded as in the worse seconds before the first fault. */
  readonly fullRateMs: number | undefined;
}

const watchedKinds = ['enter', 'hold', 'intent', 'commit', 'reserve'] as const;
type WatchedKind = (typeof watchedKinds)[number];

/** A tenth of what is normal is noise of a small load. */
const fullShare = 0.8;

function isSuccess({ answer }: Exchange): boolean {
  return answer.status !== 'unknown' && answer.status < 300;
}

/** Held, or refused for the seats' own sake: other refusals come before the seats are looked at. */
function isOfSeats({ answer }: Exchange): boolean {
  if (answer.status === 'unknown') return false;
  const seatsRefuse = ['seat_already_held_or_sold', 'sold_out'];
  return (
    answer.status === 200 || (answer.status === 409 && seatsRefuse.includes(String(answer.body['error'])))
  );
}

/** Works out how the load fared after each fault. */
export function recoveriesOf(
  exchanges: readonly Exchange[],
  faults: readonly { readonly name: string; readonly fromMs: number; readonly undoneMs: number }[],
  load: { readonly startMs: number; readonly endMs: number; readonly calmMs: number },
): Recovery[] {
  const watched = exchanges.filter((one) => (watchedKinds as readonly string[]).includes(one.asked.kind));
  const successes = watched.filter(isSuccess).sort((a, b) => a.endMs - b.endMs);
  // Unseated tickets run out, whatever goes wrong.
  const seated = successes.filter(({ asked }) => asked.kind !== 'reserve');
  const rateAt = (fromMs: number) =>
    seated.filter(({ endMs }) => endMs >= fromMs && endMs < fromMs + 1000).length;
  // The first second is the crowd arriving.
  const calmSeconds = Math.max(1, Math.floor((load.calmMs - 1000) / 500));
  const calm = Array.from({ length: calmSeconds }, (_, index) => rateAt(load.startMs + 1000 + index * 500));
  const normal = calm.sort((a, b) => a - b)[Math.floor(calm.length / 2)] ?? 0;
  return faults.map(({ name, fromMs, undoneMs }) => {
    const firstSuccessMs: Partial<Record<WatchedKind, number>> = {};
    for (const kind of watchedKinds) {
      const first = successes.find((one) => one.asked.kind === kind && one.endMs >= undoneMs);
      if (first) firstSuccessMs[kind] = first.endMs - undoneMs;
    }
    const seats = watched
      .filter((one) => one.asked.kind === 'hold' && one.startMs >= undoneMs && isOfSeats(one))
      .map(({ endMs }) => endMs - undoneMs);
    const seatsMs = seats.length === 0 ? undefined : Math.min(...seats);
    let fullRateMs: number | undefined;
    for (let atMs = undoneMs; atMs + 1000 <= load.endMs; atMs += 100) {
      if (rateAt(atMs) < normal * fullShare) continue;
      fullRateMs = atMs - undoneMs;
      break;
    }
    return { fault: name, fromMs, undoneMs, firstSuccessMs, seatsMs, fullRateMs };
  });
}

/** Counts answers by kind and status. */
export function countAnswers(exchanges: readonly Exchange[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { asked, answer } of exchanges) {
    const ofKind = (counts[asked.kind] ??= {});
    const code = answer.status === 'unknown' || answer.status < 400 ? '' : ` ${String(answer.body['error'])}`;
    const status = `${answer.status}${code}`;
    ofKind[status] = (ofKind[status] ?? 0) + 1;
  }
  return counts;
}

/** Milliseconds from a commit's 202 to the first status that shows how it ended, ascending. */
export function commitLatencies(exchanges: readonly Exchange[]): number[] {
  const accepted = exchangesOf(exchanges, 'commit').filter(({ answer }) => answer.status === 202);
  const told = Map.groupBy(exchangesOf(exchanges, 'status'), ({ asked }) => asked.key);
  return accepted
    .flatMap(({ asked, endMs }) => {
      const ended = told.get(asked.key)?.find(({ answer }) => {
        const order = answer.status === 200 ? (answer.body['order'] as { status: string } | null) : null;
        return order !== null && order.status !== 'PROCESSING';
      });
      return ended ? [ended.endMs - endMs] : [];
    })
    .sort((a, b) => a - b);
}

/** The value so many hundredths lie below. */
export function percentile(ascending: readonly number[], hundredths: number): number | undefined {
  return ascending[Math.min(ascending.length - 1, Math.floor((ascending.length * hundredths) / 100))];
}
