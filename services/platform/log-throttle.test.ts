import t from 'tap';
import { createLogThrottle } from './log-throttle.ts';

t.test('one line of a kind per interval, which says how many were left out', (t) => {
  let nowMs = 0;
  const throttle = createLogThrottle(1000, () => nowMs);
  t.same(throttle('hold down'), {});
  t.equal(throttle('hold down'), undefined);
  t.equal(throttle('hold down'), undefined);
  t.same(throttle('commit down'), {}, 'another kind has its own turn');
  nowMs = 1000;
  t.same(throttle('hold down'), { leftOut: 2 });
  nowMs = 2000;
  t.same(throttle('hold down'), {});
  t.end();
});

t.test('kinds without end do not fill the memory', (t) => {
  const throttle = createLogThrottle(1000, () => 0);
  for (let kind = 0; kind < 1001; kind++) throttle(String(kind));
  t.same(throttle('0'), {}, 'forgotten');
  t.end();
});
