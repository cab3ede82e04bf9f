import t from 'tap';
import { createCallCounter } from './call-counter.ts';

t.test('calls are counted by key, from its first call on for one window', (t) => {
  let now = 0;
  const count = createCallCounter(1000, { nowMs: () => now });
  t.same(count('a'), { calls: 1, leftMs: 1000 });
  now = 400;
  t.same(count('a'), { calls: 2, leftMs: 600 });
  t.same(count('b'), { calls: 1, leftMs: 1000 });
  now = 1000;
  t.same(count('a'), { calls: 1, leftMs: 1000 });
  t.same(count('b'), { calls: 2, leftMs: 400 });
  t.end();
});

t.test('with too many keys those not seen for longest are forgotten, and who keeps calling is not', (t) => {
  const count = createCallCounter(1000, { maxKeys: 10, nowMs: () => 0 });
  count('seldom');
  for (let call = 1; call <= 40; call++) {
    count(`other ${call}`);
    t.equal(count('often').calls, call);
  }
  t.equal(count('seldom').calls, 1);
  t.end();
});
