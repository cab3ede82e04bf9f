import { testEngines, type TestScope } from '@onsale/local/test-engines';
import t from 'tap';
import { inventoryUnderTest, redisOf } from './inventory-fixture.ts';

const engines = await testEngines(t, { needs: ['redis', 'dynamodb'] });
t.setTimeout(120_000);

const space = (seatCount: number) => ({ section: 'A', seatCount, wheelchair: true });
const best = (seatCount: number) => ({ section: 'A', seatCount });
const saleWithSpaces = (test: TestScope) =>
  inventoryUnderTest(test, engines, redisOf(engines, 'single'), {
    event: {
      sections: [
        {
          id: 'A',
          rows: 2,
          seatsPerRow: 5,
          priceMinor: 100,
          wheelchairSpaces: [
            { space: 'R1C3', companion: 'R1C2' },
            { space: 'R2C1', companion: 'R2C2' },
          ],
        },
      ],
    },
  });

t.test('the best available never are wheelchair spaces or the seats beside them', async (t) => {
  const sale = await saleWithSpaces(t);
  t.match(
    await sale.hold('alice', best(2)),
    { seatIds: ['R1C4', 'R1C5'] },
    'not the middle of the first row',
  );
  t.match(await sale.hold('bob', best(4)), { seatIds: ['R1C1', 'R2C3', 'R2C4', 'R2C5'] });
  const before = await sale.wholeMap();
  t.match(await sale.hold('carol', best(1)), { outcome: 'sold-out' }, 'though four seats are free');
  t.equal((await sale.wholeMap()).letters, before.letters);
  await sale.release({ userId: 'alice' }, ['R1C4']);
  t.match(await sale.hold('carol', best(2)), { outcome: 'sold-out' }, 'nor one that is and one that is not');
  t.ok((await sale.wholeMap()).agree, 'and the one it was given at first is free again');
  t.match(await sale.hold('carol', best(1)), { seatIds: ['R1C4'] });
});

t.test('who asks for a wheelchair space gets one, and the companion seat beside it', async (t) => {
  const sale = await saleWithSpaces(t);
  t.match(await sale.hold('alice', space(2)), { seatIds: ['R1C2', 'R1C3'] });
  t.match(await sale.hold('bob', ['R2C2']), { outcome: 'held' }, 'by its name anybody may have it');
  t.match(await sale.hold('carol', space(2)), { outcome: 'sold-out' });
  t.match(await sale.hold('carol', space(1)), { seatIds: ['R2C1'] });
  t.match(await sale.hold('dan', space(1)), { outcome: 'sold-out' });
  await sale.release({ userId: 'alice' }, ['R1C2', 'R1C3']);
  t.match(await sale.hold('dan', space(1)), { seatIds: ['R1C3'] });
});

t.test('restored, the spaces are kept as before', async (t) => {
  const sale = await saleWithSpaces(t);
  await sale.hold('alice', space(2));
  await sale.forgetSale();
  await sale.inventory.ensureSale(sale.published, sale.saleId);
  t.match(await sale.hold('bob', space(2)), { seatIds: ['R2C1', 'R2C2'] });
  t.match(await sale.hold('carol', best(2)), { seatIds: ['R1C4', 'R1C5'] });
});
