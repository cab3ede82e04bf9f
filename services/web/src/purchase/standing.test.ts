import t from 'tap';
import { servingAt, standingFrom, turnAt, withRecord } from './standing.ts';

const status = {
  ready: false,
  drawn: true,
  position: 100,
  leftSec: 50,
  pollAfterSec: 10,
  admission: 'open' as const,
};
const record = { serving: { base: 0, since: 0, rate: 2 }, next: null, admission: 'open' as const };

t.test('the serving number follows the last piece begun', async (t) => {
  t.equal(servingAt(record, 10_400), 20);
  const changed = { ...record, next: { base: 20, since: 10_000, rate: 0 } };
  t.equal(servingAt(changed, 9999), 19);
  t.equal(servingAt(changed, 60_000), 20);
});

t.test('without a record the last answer is counted down, and never to nothing', async (t) => {
  const standing = standingFrom(status, 1000);
  t.match(turnAt(standing, 11_000), { position: 100, leftSec: 40, ready: false });
  t.match(turnAt(standing, 200_000), { leftSec: 1 });
});

t.test('with the record the place moves by itself', async (t) => {
  const standing = withRecord(standingFrom(status, 10_000), record);
  // At 10 s the serving number is 20, so 100 before this one means place 121.
  t.match(turnAt(standing, 10_000), { position: 100, leftSec: 51 });
  t.match(turnAt(standing, 40_000), { position: 40, leftSec: 21 });
  t.match(turnAt(standing, 90_000), { position: 0, leftSec: 1 });
  const slower = withRecord(standing, {
    serving: { base: 80, since: 40_000, rate: 1 },
    next: null,
    admission: 'slowed',
  });
  t.equal(turnAt(slower, 40_000).admission, 'slowed');
  t.match(turnAt(slower, 40_000), { position: 40, leftSec: 41 }, 'another rate, the same place');
});

t.test('a paused room keeps the last estimate', async (t) => {
  const paused = withRecord(standingFrom(status, 0), {
    serving: { base: 0, since: 0, rate: 0 },
    next: null,
    admission: 'paused',
  });
  t.match(turnAt(paused, 10_000), { position: 100, leftSec: 40, admission: 'paused' });
});
