import type { SecondFigures } from './digest.ts';
import type { Mark, Observation } from './run-record.ts';

type ServiceObservation = Extract<Observation, { kind: 'service' }>;

/** How much of the reads each cache of a service answered itself, over the run. */
export function cacheHits(
  observations: readonly Observation[],
): { service: string; cache: string; reads: number; hitRatio: number }[] {
  const totals = new Map<string, { hits: number; reads: number }>();
  for (const [, looks] of byReplica(observations)) {
    for (const [labels, increase] of increases(looks, 'onsale_cache_requests_total')) {
      const key = `${labels['service'] ?? looks[0]!.service} ${labels['cache']}`;
      const total = totals.get(key) ?? { hits: 0, reads: 0 };
      total.reads += increase;
      // Joining a load under way spares the store a read as a hit does; a stale answer means that the store was away.
      if (labels['result'] === 'hit' || labels['result'] === 'shared') total.hits += increase;
      totals.set(key, total);
    }
  }
  return [...totals]
    .filter(([, { reads }]) => reads > 0)
    .map(([key, { hits, reads }]) => {
      const [service, cache] = key.split(' ') as [string, string];
      return { service, cache, reads, hitRatio: hits / reads };
    })
    .sort((a, b) => a.service.localeCompare(b.service) || a.cache.localeCompare(b.cache));
}

/** What each service took of the machine: cores on the average, memory and event-loop lag at the most. */
export function serviceUse(
  observations: readonly Observation[],
): { service: string; cores: number; memoryMb: number; loopLagMs: number }[] {
  return [...byReplica(observations)].map(([, looks]) => {
    const seconds = (looks.at(-1)!.atMs - looks[0]!.atMs) / 1000;
    const cpu = increases(looks, 'process_cpu_seconds_total').reduce(
      (sum, [, increase]) => sum + increase,
      0,
    );
    return {
      service: looks[0]!.service,
      cores: seconds > 0 ? cpu / seconds : 0,
      memoryMb: highest(looks, 'process_resident_memory_bytes') / 1e6,
      loopLagMs: highest(looks, 'nodejs_eventloop_lag_p99_seconds') * 1000,
    };
  });
}

/** A gauge over time, the highest of all replicas and labels at each look. */
export function gaugeOverTime(
  observations: readonly Observation[],
  name: string,
): { atMs: number; value: number }[] {
  return observations.flatMap((one) => {
    if (one.kind !== 'service') return [];
    const values = one.samples.filter((sample) => sample.name === name && Number.isFinite(sample.value));
    return values.length === 0
      ? []
      : [{ atMs: one.atMs, value: Math.max(...values.map(({ value }) => value)) }];
  });
}

/** The database's connections and the latency of a small query, over time. */
export function databasePulse(observations: readonly Observation[]) {
  return observations.filter((one) => one.kind === 'database');
}

/** Seconds that a target had to be missed for scaling to be due. */
const breachSeconds = 5;

/** From the p95 target's being missed until more pods were ready; undefined where it was kept or nobody watched pods. */
export function scalingReactions(
  observations: readonly Observation[],
  seconds: readonly SecondFigures[],
  p95TargetMs: number,
): { deployment: string; breachAtMs: number; reactionSeconds: number | undefined }[] {
  const first = seconds.findIndex((_, index) => {
    const stretch = seconds.slice(index, index + breachSeconds);
    return stretch.length === breachSeconds && stretch.every(({ p95Ms }) => p95Ms > p95TargetMs);
  });
  if (first < 0) return [];
  const breachAtMs = seconds[first]!.second * 1000;
  const pods = observations.filter((one) => one.kind === 'pods');
  return [...new Set(pods.map(({ deployment }) => deployment))].map((deployment) => {
    const looks = pods.filter((one) => one.deployment === deployment);
    const before = looks.findLast(({ atMs }) => atMs <= breachAtMs)?.ready ?? looks[0]!.ready;
    const after = looks.find(({ atMs, ready }) => atMs > breachAtMs && ready > before);
    return {
      deployment,
      breachAtMs,
      reactionSeconds: after === undefined ? undefined : (after.atMs - breachAtMs) / 1000,
    };
  });
}

/** Seconds in a row that must be good again after a fault. */
const calmSeconds = 5;

/** From each mark to the first of five good seconds in a row: no failed answer in a hundred, p95 within its target. */
export function recoveries(
  marks: readonly Mark[],
  seconds: readonly SecondFigures[],
  p95TargetMs: number,
): { what: string; atMs: number; recoverySeconds: number | undefined }[] {
  return marks.map(({ what, atMs }) => {
    const after = seconds.filter(({ second }) => second * 1000 >= atMs);
    const isGood = ({ failed, count, p95Ms }: SecondFigures) => failed <= count / 100 && p95Ms <= p95TargetMs;
    const start = after.findIndex((_, index) => {
      const stretch = after.slice(index, index + calmSeconds);
      // A second without an answer has no figures; a gap is no calm.
      const isWhole =
        stretch.length === calmSeconds && stretch.at(-1)!.second - stretch[0]!.second < calmSeconds;
      return isWhole && stretch.every(isGood);
    });
    const recoverySeconds = start < 0 ? undefined : Math.max(0, after[start]!.second - atMs / 1000);
    return { what, atMs, recoverySeconds };
  });
}

function byReplica(observations: readonly Observation[]): Map<string, ServiceObservation[]> {
  const services = observations.filter((one) => one.kind === 'service');
  return Map.groupBy(services, ({ service, replica }) => `${service} ${replica}`);
}

/** How much each labelled counter of a replica rose; one that appears later began at nothing. */
function increases(
  looks: readonly ServiceObservation[],
  name: string,
): [labels: Readonly<Record<string, string>>, increase: number][] {
  const first = new Map(
    looks[0]!.samples
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => [JSON.stringify(labels), value]),
  );
  return looks
    .at(-1)!
    .samples.filter((sample) => sample.name === name)
    .map(({ labels, value }) => [labels, value - (first.get(JSON.stringify(labels)) ?? 0)]);
}

function highest(looks: readonly ServiceObservation[], name: string): number {
  const values = looks.flatMap(({ samples }) =>
    samples.filter((one) => one.name === name).map(({ value }) => value),
  );
  return Math.max(0, ...values.filter(Number.isFinite));
}
