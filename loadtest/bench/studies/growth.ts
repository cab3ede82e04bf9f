import { Redis } from 'ioredis';
import { type Buyer, enter, hold, newBuyers } from '../buyers.ts';
import type { Lab } from '../lab.ts';
import { publishSale, type Sale } from '../sales.ts';
import { median } from '../side.ts';
import type { Study, StudyResult } from '../study.ts';
import type { Venue } from '../venue.ts';

const large: Venue = { sections: 200, rows: 10, seatsPerRow: 50 };
const few = 1000;
const many = 1_000_000;
const batch = 20_000;
const sampled = 2500;

/** Whether a full room and many sections make the single request dearer, and what a buyer takes up in Redis. */
export const growthStudy: Study = {
  name: 'growth',
  title: 'p99 of enter and hold beside 1,000 and 1,000,000 buyers in the room, 200 sections; bytes in Redis',
  async run(lab, plan, report) {
    const redis = new Redis(lab.engines.redisUrl);
    try {
      return await grow(lab, redis, plan.rounds, report);
    } finally {
      redis.disconnect();
    }
  },
};

async function grow(
  lab: Lab,
  redis: Redis,
  rounds: number,
  report: (text: string) => void,
): Promise<StudyResult> {
  const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
  const quiet = await publishSale(lab, 'bench-few', large);
  const full = await publishSale(lab, 'bench-many', large);
  await enter(lab, quiet.take(few));
  // Who holds has been admitted, and so was among the first to enter: nobody waits here for a million turns.
  const admitted = new Map<Sale, Buyer[]>();
  for (const sale of [quiet, full]) {
    const buyers = sale.take(sampled * (rounds + 1));
    await enter(lab, buyers);
    admitted.set(sale, buyers);
  }

  const before = await usedBytes();
  for (let entered = 0; entered < many; entered += batch) {
    report(`growth: ${entered} of ${many} have entered`);
    // Their seats are never asked for: only the names are needed.
    await enter(lab, newBuyers(full.eventId, large, 0, batch));
  }
  const perBuyer = ((await usedBytes()) - before) / many;

  const latencies = {
    few: { enter: [] as number[], hold: [] as number[] },
    many: { enter: [] as number[], hold: [] as number[] },
  };
  let perHold = 0;
  const measure = async (sale: Sale, into: { enter: number[]; hold: number[] }) => {
    const newcomers = newBuyers(sale.eventId, large, 0, sampled);
    into.enter.push(p99((await enter(lab, newcomers)).latenciesMs));
    const bytes = await usedBytes();
    const buyers = admitted.get(sale)!.splice(0, sampled);
    into.hold.push(p99((await hold(lab, buyers)).latenciesMs));
    perHold = ((await usedBytes()) - bytes) / sampled;
  };
  for (let round = 0; round <= rounds; round++) {
    report(`growth: round ${round} of ${rounds}`);
    const sides = [
      [quiet, latencies.few],
      [full, latencies.many],
    ] as const;
    for (const [sale, into] of round % 2 ? sides : [...sides].reverse()) await measure(sale, into);
  }
  const steady = (values: readonly number[]) => median(values.slice(1));
  const ratio = (step: 'enter' | 'hold') =>
    Math.round((steady(latencies.many[step]) / steady(latencies.few[step])) * 100) / 100;
  const rounded = (value: number) => Math.round(value * 10) / 10;
  return (['enter', 'hold'] as const).map((step) => ({
    step,
    'p99 ms, 1,000 buyers': rounded(steady(latencies.few[step])),
    'p99 ms, 1,000,000 buyers': rounded(steady(latencies.many[step])),
    ratio: ratio(step),
    'bytes in Redis': step === 'enter' ? Math.round(perBuyer) : Math.round(perHold),
  }));
}

function p99(ascending: Float64Array): number {
  return ascending[Math.floor(ascending.length * 0.99)]!;
}
