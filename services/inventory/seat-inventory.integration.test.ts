import { testEngines } from '@onsale/local/test-engines';
import t from 'tap';
import { createHoldId } from './hold-id.ts';
import { inventoryUnderTest, redisOf, until } from './inventory-fixture.ts';

const engines = await testEngines(t, { needs: ['redis', 'redisCluster', 'dynamodb'] });
const held = { outcome: 'held' };

for (const kind of ['single', 'cluster'] as const) {
  const redis = redisOf(engines, kind);

  t.test(`on a ${kind} Redis`, async (t) => {
    t.test('a new sale is all free, and ensuring it again touches nothing', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      t.equal((await sale.wholeMap()).letters, `${'f'.repeat(40)}|${'f'.repeat(40)}|${'f'.repeat(10)}`);
      t.match(await sale.hold('alice', ['R1C1']), { ...held, seatIds: ['R1C1'] });
      await sale.inventory.ensureSale(sale.published, sale.saleId);
      t.equal(await sale.lettersOf(['R1C1', 'R1C2']), 'hf');
      t.match(await sale.inventory.readSummary(sale.published, sale.saleId, 0), {
        free: 39,
        held: 1,
        sold: 0,
        blocked: 0,
      });
      t.equal(await sale.inventory.countFree(sale.published, sale.saleId), 89);
    });

    t.test('sixty buyers, one seat, one winner', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, index) => sale.hold(`buyer-${index}`, ['R2C3'])),
      );
      t.equal(answers.filter((answer) => answer.outcome === 'held').length, 1);
      t.equal(answers.filter((answer) => answer.outcome === 'taken').length, 59);
      t.ok((await sale.wholeMap()).agree);
    });

    t.test('crossing requests for several seats: each gets all or none', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      const asked = Array.from({ length: 40 }, (_, index) =>
        [0, 1, 2].map((step) => `R1C${((index * 2 + step) % 10) + 1}`),
      );
      const answers = await Promise.all(asked.map((seatIds, index) => sale.hold(`buyer-${index}`, seatIds)));
      const won = asked.filter((_, index) => answers[index]!.outcome === 'held').flat();
      t.ok(won.length >= 6);
      t.equal(new Set(won).size, won.length, 'no seat went to two');
      t.equal((await sale.wholeMap()).letters.split('h').length - 1, won.length, 'nobody got a part');
    });

    t.test('one buyer holding in all sections at once never exceeds the cap', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      const wishes = [1, 2, 3, 4, 5].flatMap((column) =>
        ['R1', 'R5', 'R9'].map((row) => [`${row}C${column}`]),
      );
      const answers = await Promise.all(wishes.map((seatIds) => sale.hold('greedy', seatIds)));
      t.equal(answers.filter((answer) => answer.outcome === 'held').length, 4);
      t.equal(answers.filter((answer) => answer.outcome === 'limit-reached').length, 11);
    });

    t.test('a refused hold gives the cap back, also while others race for it', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      await sale.hold('other', ['R1C1']);
      for (let round = 0; round < 10; round++) {
        t.match(await sale.hold('unlucky', ['R1C1', 'R1C2', 'R1C3', 'R1C4']), { outcome: 'taken' });
      }
      t.match(await sale.hold('unlucky', ['R1C2', 'R1C3', 'R1C4', 'R1C5']), held);
      t.match(await sale.hold('unlucky', ['R2C1']), { outcome: 'limit-reached' });
    });

    t.test('asked again with the same holdId, the answer is the same and nothing more is held', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      const holdId = createHoldId(0);
      const first = await sale.hold('alice', { section: 'A', seatCount: 3 }, { holdId });
      t.same(await sale.hold('alice', { section: 'A', seatCount: 3 }, { holdId }), first);
      t.match(await sale.inventory.readSummary(sale.published, sale.saleId, 0), { held: 3 });
      t.match(await sale.hold('alice', ['R5C1']), held, 'counted once towards the cap');
      t.match(await sale.hold('alice', ['R5C2']), { outcome: 'limit-reached' });
    });

    t.test(
      'whoever holds the seats already is told so, and gets them anew by giving them back',
      async (t) => {
        const sale = await inventoryUnderTest(t, engines, redis);
        const seatIds = ['R1C1', 'R1C2'];
        t.match(await sale.hold('alice', seatIds), held, 'the answer got lost on its way');
        t.match(await sale.hold('alice', seatIds), { outcome: 'taken' });
        t.equal(await sale.release({ userId: 'alice' }, seatIds), true, 'the room token is proof enough');
        t.match(await sale.hold('alice', seatIds), { ...held, seatIds });
        t.match(await sale.hold('alice', ['R2C1', 'R2C2']), held, 'counted once');
      },
    );

    t.test('only the holder gives seats back: by name, by holdId, in part or whole', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      const hold = await sale.hold('alice', ['R1C1', 'R1C2', 'R1C3']);
      if (hold.outcome !== 'held') return t.fail(hold.outcome);
      t.equal(await sale.release({ userId: 'mallory' }, ['R1C1']), false);
      t.equal(await sale.release({ holdId: createHoldId(0) }, ['R1C1']), false);
      t.equal(await sale.release({ holdId: 'no-hold-id' }), false);
      t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3']), 'hhh');

      t.equal(await sale.release({ userId: 'alice' }, ['R1C2']), true);
      t.equal(await sale.release({ userId: 'alice' }, ['R1C2']), false, 'a second time there is nothing');
      t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3']), 'hfh');
      t.match(await sale.hold('bob', ['R1C2']), held);
      t.equal(await sale.release({ holdId: hold.holdId }), true);
      t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3']), 'fhf');
      t.match(await sale.hold('alice', ['R1C1', 'R1C3', 'R2C1', 'R2C2']), held, 'the cap was given back');
    });

    t.test('a hold lapses by the one clock: others may have its seats, its buyer may not pay', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis, { event: { holdTtlMs: 1000 } });
      const hold = await sale.hold('alice', ['R1C1', 'R1C2', 'R1C3', 'R1C4']);
      if (hold.outcome !== 'held') return t.fail(hold.outcome);
      t.match(await sale.hold('bob', ['R1C1']), { outcome: 'taken' });
      await until(async () => sale.clock.nowMs() > hold.expiresAtMs + 5, 'the hold has lapsed');
      t.equal(await sale.isHolder('alice', ['R1C1']), false);
      t.equal(await sale.commit('alice', ['R1C1']), 'hold-expired');
      t.match(await sale.hold('alice', ['R5C1', 'R5C2', 'R5C3', 'R5C4']), held, 'counts no longer');
      t.match(await sale.hold('bob', ['R1C1']), held);
      t.equal(await sale.commit('alice', ['R1C1']), 'not-held');
      t.ok((await sale.wholeMap()).agree);
    });

    t.test('the reaper frees what nobody asks about', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis, { event: { holdTtlMs: 1000 } });
      for (let buyer = 0; buyer < 12; buyer++) await sale.hold(`b${buyer}`, { section: 'B', seatCount: 3 });
      await sale.hold('paying', ['R1C1']);
      t.equal(await sale.commit('paying', ['R1C1']), 'committing');
      let freed = 0;
      await until(async () => {
        freed += await sale.inventory.reapLapsed(sale.published, sale.saleId);
        return freed === 12;
      }, 'twelve holds are freed');
      t.equal((await sale.wholeMap()).letters.indexOf('h'), 0, 'what is committing stays');
      t.ok((await sale.wholeMap()).agree);
    });

    t.test('outside its window a sale is closed', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      t.match(await sale.hold('late', ['R1C1'], { closesAtMs: Date.now() - 1000 }), { outcome: 'closed' });
      t.match(await sale.hold('late', ['R1C1', 'R1C2', 'R1C3', 'R1C4']), held, 'and keeps no count');
      const future = await inventoryUnderTest(t, engines, redis, {
        event: { sale: { kind: 'once', opensAtMs: Date.now() + 60_000, closesAtMs: Date.now() + 120_000 } },
      });
      t.match(await future.hold('early', ['R1C1']), { outcome: 'closed' });
    });

    t.test('a lapsed turn holds nothing, unless it was used in time', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      t.match(await sale.hold('sleepy', ['R1C1'], { turnLapsed: true }), { outcome: 'turn-lapsed' });
      t.match(await sale.hold('awake', ['R1C1']), held);
      t.match(await sale.hold('awake', ['R1C2'], { turnLapsed: true }), held);
    });

    t.test('held, committing, sold, returned', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis, { event: { holdTtlMs: 1000 } });
      const hold = await sale.hold('alice', ['R1C1', 'R1C2']);
      if (hold.outcome !== 'held') return t.fail(hold.outcome);
      t.equal(await sale.commit('mallory', ['R1C1', 'R1C2']), 'not-held');
      t.equal(await sale.isHolder('alice', ['R1C1', 'R1C2']), true);
      t.equal(await sale.isHolder('alice', ['R1C1', 'R1C3']), false);
      t.equal(await sale.isHolder('mallory', ['R1C1']), false);
      t.equal(await sale.commit('alice', ['R1C1', 'R1C3']), 'not-held', 'all or none');
      t.equal(await sale.commit('alice', ['R1C1', 'R1C2']), 'committing');
      t.equal(await sale.commit('alice', ['R1C1', 'R1C2']), 'committing', 'repeated');
      t.equal(await sale.commit('alice', ['R1C1', 'R1C2'], 'another-intent'), 'not-held');
      t.equal(await sale.release({ userId: 'alice' }, ['R1C1']), false, 'what is being paid for stays');
      await until(async () => sale.clock.nowMs() > hold.expiresAtMs + 5, 'the hold would have lapsed');
      t.match(await sale.hold('bob', ['R1C1']), { outcome: 'taken' });
      t.equal(await sale.lettersOf(['R1C1', 'R1C2']), 'hh');
      t.match(await sale.hold('alice', ['R5C1', 'R5C2', 'R5C3']), { outcome: 'limit-reached' });

      await sale.sell('alice', ['R1C1', 'R1C2'], 'order-1');
      await sale.sell('alice', ['R1C1', 'R1C2'], 'order-1');
      t.equal(await sale.lettersOf(['R1C1', 'R1C2']), 'ss');
      t.equal(await sale.commit('alice', ['R1C1', 'R1C2']), 'committing', 'repeated once sold');
      t.match(await sale.hold('alice', ['R5C1', 'R5C2', 'R5C3']), { outcome: 'limit-reached' });

      await sale.giveBack('order-2', ['R1C1']);
      t.equal(await sale.lettersOf(['R1C1']), 's', 'another order returns nothing');
      await sale.giveBack('order-1', ['R1C1', 'R1C2']);
      t.equal(await sale.lettersOf(['R1C1', 'R1C2']), 'ff');
      t.match(await sale.hold('bob', ['R1C1']), held);
      await sale.giveBack('order-1', ['R1C1', 'R1C2']);
      await sale.sell('alice', ['R1C1', 'R1C2'], 'order-1');
      await sale.free('alice', ['R1C1', 'R1C2']);
      t.equal(await sale.lettersOf(['R1C1', 'R1C2']), 'hf', 'late steps touch nobody');
      t.match(await sale.hold('alice', ['R5C1', 'R5C2', 'R5C3', 'R5C4']), held, 'the cap is free again');
      t.ok((await sale.wholeMap()).agree);
    });

    t.test('an order that gave one seat back is told of the others again', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      await sale.hold('alice', ['R1C1', 'R1C2', 'R1C3']);
      t.equal(await sale.commit('alice', ['R1C1', 'R1C2', 'R1C3']), 'committing');
      await sale.giveBack('order-1', ['R1C1']);
      await sale.sell('alice', ['R1C1', 'R1C2', 'R1C3'], 'order-1');
      t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3']), 'fss');
      // A failed-over Redis may have lost whose seats these are.
      await sale.giveBack('order-2', ['R2C1']);
      await sale.sell('bob', ['R2C1', 'R2C2'], 'order-2');
      t.equal(await sale.lettersOf(['R2C1', 'R2C2']), 'fs');
      t.match(await sale.hold('alice', ['R2C3', 'R2C4']), held, 'the cap knows of two');
      t.match(await sale.hold('alice', ['R3C1']), { outcome: 'limit-reached' });
      t.ok((await sale.wholeMap()).agree);
    });

    t.test('a rejected order frees its seats once', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      await sale.hold('alice', ['R1C1', 'R1C2', 'R1C3']);
      t.equal(await sale.commit('alice', ['R1C1', 'R1C2'], 'one'), 'committing', 'a part of a hold');
      await sale.free('alice', ['R1C3']);
      await sale.free('bob', ['R1C1']);
      await sale.free('alice', ['R1C1'], 'other-intent');
      t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3']), 'hhh');
      await sale.free('alice', ['R1C1', 'R1C2'], 'one');
      t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3']), 'ffh');
      t.match(await sale.hold('bob', ['R1C1']), held);
      t.equal(await sale.commit('bob', ['R1C1']), 'committing');
      await sale.free('alice', ['R1C1', 'R1C2'], 'one');
      t.equal(await sale.lettersOf(['R1C1', 'R1C2', 'R1C3']), 'hfh');
      t.match(await sale.hold('alice', ['R2C1', 'R2C2', 'R2C3']), held, 'three more beside the one held');
      t.match(await sale.hold('alice', ['R2C4']), { outcome: 'limit-reached' });
    });

    t.test('an order over several sections commits whole or stays held', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      await sale.hold('alice', ['R1C1']);
      await sale.hold('bob', ['R5C1']);
      t.equal(await sale.commit('alice', ['R1C1', 'R5C1']), 'not-held');
      t.equal(await sale.release({ userId: 'alice' }, ['R1C1']), true, 'held as before');
      await sale.hold('alice', ['R1C1']);
      await sale.hold('alice', ['R5C2']);
      await sale.hold('alice', ['R9C1']);
      t.equal(await sale.commit('alice', ['R9C1', 'R1C1', 'R5C2']), 'committing');
      await sale.sell('alice', ['R9C1', 'R1C1', 'R5C2'], 'order-1');
      t.equal(await sale.lettersOf(['R1C1', 'R5C1', 'R5C2', 'R9C1']), 'shss');
    });

    t.test('an order cancelled before its sale was marked stays cancelled', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis);
      await sale.hold('alice', ['R1C1']);
      await sale.commit('alice', ['R1C1']);
      await sale.giveBack('order-1', ['R1C1']);
      t.equal(await sale.lettersOf(['R1C1']), 'h');
      await sale.sell('alice', ['R1C1'], 'order-1');
      t.equal(await sale.lettersOf(['R1C1']), 'f');
      t.match(await sale.hold('alice', ['R1C1', 'R1C2', 'R1C3', 'R1C4']), held);
    });

    t.test('best available: neighbours near the front and centre, no single seat left over', async (t) => {
      const sale = await inventoryUnderTest(t, engines, redis, { event: { perBuyer: 50 } });
      const best = async (seatCount: number, section = 'A') => {
        const answer = await sale.hold(`b${Math.random()}`, { section, seatCount });
        return answer.outcome === 'held' ? answer.seatIds.join(' ') : answer.outcome;
      };
      t.equal(await best(2), 'R1C5 R1C6');
      t.equal(await best(2), 'R1C3 R1C4', 'beside it rather than behind');
      t.equal(await best(3), 'R2C4 R2C5 R2C6', 'R1C7–9 would leave R1C10 alone');
      t.equal(await best(4), 'R1C7 R1C8 R1C9 R1C10');
      t.equal(
        await best(6, 'C'),
        'R9C1 R9C2 R9C3 R9C4 R9C5 R10C3',
        'no row has six: the largest group and one more',
      );
      t.equal(await best(5, 'C'), 'sold-out');
      t.equal(await best(4, 'C'), 'R10C1 R10C2 R10C4 R10C5');
      t.equal(await best(1, 'C'), 'sold-out');
      t.ok((await sale.wholeMap()).agree);
    });
  });
}
