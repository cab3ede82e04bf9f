// Measures what ADR 0003 states: npm run bench:inventory. It needs no more than the engines the tests use.
import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { testEngines } from '@onsale/local/test-engines';
import { createHoldId } from './hold-id.ts';
import { inventoryUnderTest, redisOf } from './inventory-fixture.ts';
import { lockKey, marshallLockItem, type LockItem } from './lock-item.ts';

const rows = 500;
const seatsPerRow = 100;
const held = 10_000;
const sold = 30_000;
const rebuilds = 5;
const holdsPerKind = 2000;
/** In the rows the best available are looked for first. */
const wheelchairSpaces = Array.from({ length: 100 }, (_, row) => ({
  space: `R${row + 1}C50`,
  companion: `R${row + 1}C51`,
}));

const undo: (() => unknown)[] = [];
const scope = { teardown: (handler: () => unknown) => void undo.push(handler) };
const engines = await testEngines(scope, { needs: ['redis', 'dynamodb'] });

const say = (line: string) => void process.stdout.write(`${line}\n`);
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function measure(work: () => Promise<unknown>): Promise<{ wallMs: number; cpuMs: number }> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

async function fiftyThousandSeats() {
  return inventoryUnderTest(scope, engines, redisOf(engines, 'single'), {
    event: {
      perBuyer: 50_000,
      holdTtlMs: 3_600_000,
      sections: [{ id: 'A', rows, seatsPerRow, priceMinor: 1, wheelchairSpaces }],
    },
  });
}

/** A sold-out rush: one lock item for each seat that is held or sold, and a buyer for each. */
async function measureRebuild() {
  const sale = await fiftyThousandSeats();
  const section = sale.published.seatMap.sections[0]!;
  const requests: WriteRequest[] = [];
  for (let seatIndex = 0; seatIndex < held + sold; seatIndex++) {
    const seatId = sale.published.seatMap.seatId({ sectionIndex: 0, seatIndex });
    const state: LockItem['state'] = seatIndex < held ? 'held' : 'sold';
    const item: LockItem = {
      holdId: createHoldId(0),
      state,
      seatIds: [seatId],
      owner: `buyer-${seatIndex}`,
      fence: 2 ** 32 + seatIndex,
      expiresAtMs: Date.now() + 3_600_000,
    };
    const key = lockKey(sale.saleId, section, item.holdId, state);
    requests.push({ PutRequest: { Item: marshallLockItem(key, item) } });
    if (state === 'sold') sale.tickets.push({ seatId, userId: item.owner, orderId: `order-${seatIndex}` });
  }
  for (let from = 0; from < requests.length; from += 25) {
    const RequestItems = { [sale.lockTable]: requests.slice(from, from + 25) };
    await sale.dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
  }
  const taken: { wallMs: number; cpuMs: number }[] = [];
  for (let round = 0; round < rebuilds; round++) {
    await sale.redis.flushall();
    taken.push(await measure(() => sale.inventory.rebuild(sale.published, sale.saleId)));
  }
  const figures = taken.map(({ wallMs, cpuMs }) => `${wallMs.toFixed(0)} ms (${cpuMs.toFixed(0)} ms of CPU)`);
  say(`rebuild of ${rows * seatsPerRow} seats, ${held} held, ${sold} sold: ${figures.join(', ')}`);
}

/** What Redis itself takes for a script, in microseconds: the answer waits for more, and for the same. */
async function measureHolds() {
  const sale = await fiftyThousandSeats();
  const microsecondsACall = async () => {
    const stats = await sale.redis.info('commandstats');
    const sum = ['evalsha', 'eval'].map((name) => {
      const found = new RegExp(`cmdstat_${name}:calls=(\\d+),usec=(\\d+)`).exec(stats);
      return [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)] as const;
    });
    return sum.reduce((total, [calls, usec]) => ({ calls: total.calls + calls, usec: total.usec + usec }), {
      calls: 0,
      usec: 0,
    });
  };
  const time = async (hold: (index: number) => Promise<unknown>, count: number) => {
    await sale.redis.config('RESETSTAT');
    for (let index = 0; index < count; index++) await hold(index);
    const { calls, usec } = await microsecondsACall();
    return usec / calls;
  };
  const seatIdAt = (seatIndex: number) => sale.published.seatMap.seatId({ sectionIndex: 0, seatIndex });
  const plain = await time((index) => sale.hold(`p${index}`, [seatIdAt(index * 7)]), holdsPerKind);
  say(`a plain hold of one seat: ${plain.toFixed(1)} µs of Redis a script (cap and seats alike)`);

  // 99 % sold, spread as a rush leaves it: every hundredth seat is free, and here and there two neighbours.
  const full = await fiftyThousandSeats();
  full.tickets.push(
    ...Array.from({ length: rows * seatsPerRow }, (_, seatIndex) => seatIndex)
      .filter((seatIndex) => (seatIndex * 7919) % 200 > 1)
      .map((seatIndex) => ({
        seatId: seatIdAt(seatIndex),
        userId: `owner-${seatIndex % 1000}`,
        orderId: `order-${seatIndex % 1000}`,
      })),
  );
  await full.inventory.rebuild(full.published, full.saleId);
  const seatCount = async (count: number) => {
    const rounds: number[] = [];
    for (let round = 0; round < 100; round++) {
      await full.redis.config('RESETSTAT');
      const answer = await full.hold(`b${round}`, { section: 'A', seatCount: count });
      const { calls, usec } = await microsecondsACall();
      rounds.push(usec / calls);
      if (answer.outcome === 'held') await full.release({ holdId: answer.holdId });
    }
    return { best: median(rounds), first: rounds[0]! };
  };
  for (const count of [1, 2]) {
    const { best, first } = await seatCount(count);
    say(
      `best available, ${count} of a section 99 % sold: ${best.toFixed(1)} µs, the very first ${first.toFixed(1)} µs; ` +
        `${(best / plain).toFixed(2)} times a plain hold`,
    );
  }
}

try {
  await measureRebuild();
  await measureHolds();
} finally {
  for (const handler of undo.reverse()) await handler();
}
