import type { Observation } from './run-record.ts';

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

/** Sources that could not be read, how often, and why at the last time. */
export function gapsIn(
  observations: readonly Observation[],
): { source: string; times: number; why: string }[] {
  const gaps = observations.filter((one) => one.kind === 'gap');
  return [...Map.groupBy(gaps, ({ source }) => source)].map(([source, all]) => ({
    source,
    times: all.length,
    why: all.at(-1)!.why,
  }));
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
