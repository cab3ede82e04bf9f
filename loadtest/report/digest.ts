/** Requests of one API in one step. */
export interface RequestFigures {
  readonly api: string;
  readonly step: string;
  readonly count: number;
  /** Answers that were not as they should be. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Requests that were sent in one second: what a buyer met who asked then, however long the answer took. */
export interface SecondFigures {
  /** Epoch seconds. */
  readonly second: number;
  readonly count: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** k6's points, made small: what a report needs of them. */
export interface Digest {
  /** By API and step, then by API over all steps, then by step over all APIs; `all` names the sum. */
  readonly requests: readonly RequestFigures[];
  readonly seconds: readonly SecondFigures[];
  readonly confirmed: number;
  /** Seats with more than one confirmed order, over all flows and runners. */
  readonly soldTwice: readonly string[];
}

interface Point {
  readonly metric: string;
  readonly type: string;
  readonly data: {
    readonly time: string;
    readonly value: number;
    readonly tags?: Readonly<Record<string, string>>;
    readonly metadata?: Readonly<Record<string, string>>;
  };
}

class Group {
  readonly latencies: number[] = [];
  failed = 0;

  add(latencyMs: number, isFailed: boolean): void {
    this.latencies.push(latencyMs);
    if (isFailed) this.failed++;
  }

  figures() {
    const sorted = Float64Array.from(this.latencies).sort();
    const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
    const { length: count } = sorted;
    return { count, failed: this.failed, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
  }
}

function groupIn<Key>(groups: Map<Key, Group>, key: Key): Group {
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = new Group()));
  return group;
}

// Nine of ten lines are of no interest, and parsing is what costs.
const isOfInterest = (line: string) =>
  line.includes('"metric":"http_req_duration"') || line.includes('"metric":"orders_confirmed"');

/** Reads the lines of k6's JSON output, of one runner or of all after each other; a last line cut short is left out. */
export async function digestPoints(lines: AsyncIterable<string> | Iterable<string>): Promise<Digest> {
  const requests = new Map<string, Group>();
  const seconds = new Map<number, Group>();
  const ordersBySeat = new Map<string, Set<string>>();
  let confirmed = 0;
  for await (const line of lines) {
    if (!isOfInterest(line)) continue;
    const point = readPoint(line);
    if (point?.type !== 'Point') continue;
    const { time, value, tags = {}, metadata = {} } = point.data;
    if (point.metric === 'orders_confirmed') {
      confirmed += value;
      const seat = metadata['seat'] ?? '';
      ordersBySeat.set(seat, (ordersBySeat.get(seat) ?? new Set()).add(metadata['order'] ?? ''));
      continue;
    }
    const { api = 'other', step = 'none' } = tags;
    const isFailed = tags['expected_response'] === 'false';
    for (const key of [`0 ${api} ${step}`, `1 ${api} all`, `2 all ${step}`, '3 all all']) {
      groupIn(requests, key).add(value, isFailed);
    }
    // k6 notes the end. While a service hangs, what ends is what others answer, and looks well.
    const sentAtMs = Date.parse(time) - value;
    groupIn(seconds, Math.floor(sentAtMs / 1000)).add(value, isFailed);
  }
  return {
    requests: [...requests]
      .map(([key, group]) => ({ key: key.split(' '), group }))
      .sort((a, b) => a.key[0]!.localeCompare(b.key[0]!))
      .map(({ key: [, api, step], group }) => ({ api: api!, step: step!, ...group.figures() })),
    seconds: [...seconds]
      .sort(([a], [b]) => a - b)
      .map(([second, group]) => ({ second, ...group.figures() })),
    confirmed,
    soldTwice: [...ordersBySeat].filter(([, orders]) => orders.size > 1).map(([seat]) => seat),
  };
}

function readPoint(line: string): Point | undefined {
  try {
    return JSON.parse(line) as Point;
  } catch {
    return undefined;
  }
}
