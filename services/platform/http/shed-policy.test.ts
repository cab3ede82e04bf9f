import t from 'tap';
import { createShedPolicy, longestRetrySeconds } from './shed-policy.ts';

/** Requests that are taken and answered at once, so many a second from one time to another. */
function serve(policy: ReturnType<typeof createShedPolicy>, perSecond: number, fromMs: number, toMs: number) {
  for (let atMs = fromMs; atMs < toMs; atMs += 1000 / perSecond)
    if (policy.takes(false, atMs)) policy.ended();
}

/** How many are taken at this time with none answered meanwhile. */
function room(policy: ReturnType<typeof createShedPolicy>, isNewcomer: boolean, atMs: number): number {
  let taken = 0;
  while (taken < 100_000 && policy.takes(isNewcomer, atMs)) taken++;
  return taken;
}

t.test('a process that serves little takes the least number, of newcomers half', (t) => {
  t.equal(room(createShedPolicy(10), false, 0), 10);
  const policy = createShedPolicy(10);
  t.equal(room(policy, true, 0), 5);
  t.equal(room(policy, false, 0), 5, 'the other half is for whose turn it is');
  t.equal(policy.inFlight, 10);
  t.end();
});

t.test('one that is fast takes what it serves in the time buyers bear', (t) => {
  const policy = createShedPolicy(10);
  serve(policy, 2000, 0, 1000);
  const taken = room(policy, false, 1000);
  t.ok(taken > 380 && taken < 420, `${taken} of the 400 that take 0.2 s`);
  t.end();
});

t.test('when answers cease the pace is forgotten', (t) => {
  const policy = createShedPolicy(10);
  serve(policy, 2000, 0, 1000);
  policy.takes(false, 3000);
  const taken = room(policy, false, 3000) + 1;
  t.ok(taken > 80 && taken < 120, `${taken} two half-lives later`);
  t.notOk(policy.takes(false, 60_000), 'and no more are taken than the least number after that');
  t.end();
});

t.test('who is refused is told to come when all who are could be served', (t) => {
  const policy = createShedPolicy(1);
  const told = (isNewcomer: boolean) =>
    Array.from({ length: 500 }, () => policy.retryAfterSeconds(isNewcomer));
  policy.takes(false, 0);
  t.same([...new Set(told(true))], [1], 'nobody is before them');
  policy.ended();
  // In each tenth of a second ten are served and thirty newcomers refused.
  for (let atMs = 0; atMs < 1000; atMs += 100) {
    for (let one = 0; one < 10; one++) {
      policy.takes(false, atMs);
      for (let other = 0; other < 3; other++) policy.takes(true, atMs);
      policy.ended();
    }
  }
  const newcomers = told(true);
  const mean = newcomers.reduce((sum, one) => sum + one, 0) / newcomers.length;
  t.ok(mean > 2.5 && mean < 4.5, `${mean} s for three times as many as are served`);
  t.ok(new Set(newcomers).size > 3, 'not all at the same time');
  t.same([...new Set(told(false))], [1], 'no newcomer is before those whose turn it is');
  policy.take();
  for (let atMs = 1000; atMs < 20_000; atMs += 10) policy.takes(true, atMs);
  t.equal(Math.max(...told(true)), longestRetrySeconds, 'never longer');
  t.end();
});

t.test('0 refuses nobody', (t) => {
  t.equal(room(createShedPolicy(0), true, 0), 100_000);
  t.end();
});
