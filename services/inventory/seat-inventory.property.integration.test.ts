import { testEngines } from '@onsale/local/test-engines';
import t from 'tap';
import { inventoryUnderTest, redisOf } from './inventory-fixture.ts';

const engines = await testEngines(t, { needs: ['redis', 'dynamodb'] });

/** mulberry32: the same operations for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

interface ModelSeat {
  readonly state: 'held' | 'committing' | 'sold';
  readonly userId: string;
  /** Of a commit its intent, of a sale its order. */
  readonly by: string;
}

const operations = 1500;
const perBuyer = 5;

t.test(`${operations} random operations agree with a model, and so does a rebuild after them`, async (t) => {
  const seed = Number(process.hrtime.bigint() % 1_000_000n);
  t.comment(`seed ${seed}`);
  const random = randomOf(seed);
  const sale = await inventoryUnderTest(t, engines, redisOf(engines, 'single'), {
    // An emulator on a busy machine is slow; what a lock item that was not written costs has tests of its own.
    deps: { lockDeadlineMs: 20_000 },
    event: {
      perBuyer,
      sections: [
        { id: 'A', rows: 3, seatsPerRow: 8, priceMinor: 1 },
        { id: 'B', rows: 2, seatsPerRow: 6, priceMinor: 1 },
      ],
    },
  });
  const seatIds = sale.published.seatMap.sections.flatMap((section, sectionIndex) =>
    Array.from({ length: section.seatCount }, (_, seatIndex) =>
      sale.published.seatMap.seatId({ sectionIndex, seatIndex }),
    ),
  );
  const sectionOf = (seatId: string) => sale.published.seatMap.locate(seatId)!.sectionIndex;
  const users = ['ann', 'ben', 'cho', 'dee', 'eve', 'fay', 'gus', 'hal', 'ida', 'jim'];
  const model = new Map<string, ModelSeat>();
  const countOf = (userId: string) => [...model.values()].filter((seat) => seat.userId === userId).length;
  const pick = <Item>(items: readonly Item[]) => items[random(items.length)]!;
  const someOf = (ids: readonly string[]) =>
    [...new Set(Array.from({ length: 1 + random(3) }, () => pick(ids)))].filter(
      (id, _, all) => sectionOf(id) === sectionOf(all[0]!),
    );
  const having = (state: ModelSeat['state'], userId?: string) =>
    [...model].filter(([, seat]) => seat.state === state && (!userId || seat.userId === userId));
  let number = 0;

  const steps: Record<string, () => Promise<void>> = {
    async hold() {
      const userId = pick(users);
      const asked = someOf(seatIds);
      const answer = await sale.hold(userId, asked);
      const expected =
        countOf(userId) + asked.length > perBuyer
          ? 'limit-reached'
          : asked.some((id) => model.has(id))
            ? 'taken'
            : 'held';
      if (answer.outcome !== expected) t.equal(answer.outcome, expected, `hold ${asked.join()}`);
      if (expected === 'held') for (const id of asked) model.set(id, { state: 'held', userId, by: '' });
    },
    async best() {
      const userId = pick(users);
      const section = random(2);
      const seatCount = 1 + random(4);
      const free = seatIds.filter((id) => sectionOf(id) === section && !model.has(id));
      const answer = await sale.hold(userId, { section: section === 0 ? 'A' : 'B', seatCount });
      const expected =
        countOf(userId) + seatCount > perBuyer
          ? 'limit-reached'
          : free.length < seatCount
            ? 'sold-out'
            : 'held';
      if (answer.outcome !== expected) t.equal(answer.outcome, expected, `best ${seatCount}`);
      if (answer.outcome !== 'held') return;
      if (answer.seatIds.length !== seatCount || answer.seatIds.some((id) => !free.includes(id))) {
        t.fail(`best available gave ${answer.seatIds.join()}`);
      }
      for (const id of answer.seatIds) model.set(id, { state: 'held', userId, by: '' });
    },
    async release() {
      const userId = pick(users);
      const asked = someOf(seatIds);
      const own = asked.filter((id) => model.get(id)?.state === 'held' && model.get(id)?.userId === userId);
      const released = await sale.release({ userId }, asked);
      if (released !== own.length > 0) t.equal(released, own.length > 0, `release ${asked.join()}`);
      for (const id of own) model.delete(id);
    },
    async commit() {
      const userId = pick(users);
      const own = having('held', userId).map(([id]) => id);
      if (own.length === 0) return;
      const asked = [...new Set(Array.from({ length: 1 + random(3) }, () => pick(own)))];
      // Now and then a seat that is not the buyer's: then none commits.
      if (random(5) === 0) asked.push(pick(seatIds));
      const intent = `intent-${++number}`;
      const expected = asked.every((id) => own.includes(id)) ? 'committing' : 'not-held';
      const outcome = await sale.commit(userId, [...new Set(asked)], intent);
      if (outcome !== expected) t.equal(outcome, expected, `commit ${asked.join()}`);
      if (expected === 'committing') {
        for (const id of asked) model.set(id, { state: 'committing', userId, by: intent });
      }
    },
    async sell() {
      const committing = having('committing');
      if (committing.length === 0) return;
      const { userId, by } = pick(committing)[1];
      const ids = committing.filter(([, seat]) => seat.by === by).map(([id]) => id);
      const orderId = `order-${by}`;
      await sale.sell(userId, ids, orderId);
      if (random(3) === 0) await sale.sell(userId, ids, orderId);
      for (const id of ids) model.set(id, { state: 'sold', userId, by: orderId });
    },
    async free() {
      const committing = having('committing');
      if (committing.length === 0) return;
      const { userId, by } = pick(committing)[1];
      const ids = committing.filter(([, seat]) => seat.by === by).map(([id]) => id);
      await sale.free(userId, ids, by);
      for (const id of ids) model.delete(id);
      if (random(3) === 0) await sale.free(userId, ids, by);
    },
    async giveBack() {
      const sold = having('sold');
      if (sold.length === 0) return;
      const { by } = pick(sold)[1];
      const ids = sold.filter(([, seat]) => seat.by === by).map(([id]) => id);
      await sale.giveBack(by, ids);
      for (const id of ids) model.delete(id);
      if (random(3) === 0) await sale.giveBack(by, ids);
    },
  };
  const weighted = [
    'hold',
    'hold',
    'hold',
    'best',
    'best',
    'release',
    'commit',
    'commit',
    'sell',
    'free',
    'giveBack',
  ];
  const expectedLetters = () =>
    sale.published.seatMap.sections
      .map((_, index) =>
        seatIds
          .filter((id) => sectionOf(id) === index)
          .map((id) => ({ held: 'h', committing: 'h', sold: 's', none: 'f' })[model.get(id)?.state ?? 'none'])
          .join(''),
      )
      .join('|');

  for (let step = 1; step <= operations; step++) {
    await steps[pick(weighted)]!();
    const map = await sale.wholeMap();
    if (!map.agree || map.letters !== expectedLetters()) {
      t.equal(map.letters, expectedLetters(), `after ${step} operations`);
      t.ok(map.agree, 'counts agree with the letters');
      return;
    }
  }
  t.pass(`${operations} operations`);

  await sale.inventory.drain();
  await sale.forgetSale();
  await t.rejects(sale.hold('new-buyer', [seatIds[0]!]), { code: 'rebuilding' });
  sale.tickets.push(
    ...having('sold').map(([seatId, seat]) => ({ seatId, userId: seat.userId, orderId: seat.by })),
  );
  t.match(await sale.inventory.rebuild(sale.published, sale.saleId), { outcome: 'published' });
  t.equal((await sale.wholeMap()).letters, expectedLetters(), 'rebuilt as it was');
  t.ok((await sale.wholeMap()).agree);
  for (const [seatId, seat] of model) {
    if (seat.state === 'held') t.ok(await sale.release({ userId: seat.userId }, [seatId]), 'by its holder');
    if (seat.state === 'committing') await sale.free(seat.userId, [seatId], seat.by);
    if (seat.state === 'sold') await sale.giveBack(seat.by, [seatId]);
  }
  t.match((await sale.wholeMap()).letters, /^[f|]+$/, 'all of it was its holders’');
});
