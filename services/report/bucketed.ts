/** Something that happened, and how much of it. */
export interface Happening {
  readonly atMs: number;
  readonly quantity: number;
}

const mostBuckets = 120;
/** Counts are shown over one of these, milliseconds. */
const bucketSizes = [1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 21_600, 86_400].map((s) => s * 1000);

/** Counts over time, of several kinds over the same buckets: bucket n begins n × `bucketMs` after `fromMs`. */
export function bucketed<Kind extends string>(
  opensAtMs: number,
  kinds: Readonly<Record<Kind, readonly Happening[]>>,
): { fromMs: number; bucketMs: number; counts: Record<Kind, number[]> } {
  const all = Object.values<readonly Happening[]>(kinds).flat();
  const first = all.reduce((least, { atMs }) => Math.min(least, atMs), all[0]?.atMs ?? opensAtMs);
  const fromMs = Math.floor(first / 1000) * 1000;
  const spanMs = all.reduce((latest, { atMs }) => Math.max(latest, atMs), fromMs) - fromMs;
  const bucketMs = bucketSizes.find((size) => spanMs / size < mostBuckets) ?? bucketSizes.at(-1)!;
  const count = Math.floor(spanMs / bucketMs) + 1;
  const counts = {} as Record<Kind, number[]>;
  for (const kind of Object.keys(kinds) as Kind[]) {
    const buckets = new Array<number>(count).fill(0);
    for (const { atMs, quantity } of kinds[kind])
      buckets[Math.floor((atMs - fromMs) / bucketMs)]! += quantity;
    counts[kind] = buckets;
  }
  return { fromMs, bucketMs, counts };
}
