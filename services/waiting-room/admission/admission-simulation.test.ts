import t from 'tap';
import { changeLeadMs, servingNumber } from '../serving.ts';
import {
  decisionSeconds,
  playSale,
  type CrowdSecond,
  type SyntheticSale,
} from './synthetic-crowd-fixture.ts';

const sale: SyntheticSale = {
  seconds: 420,
  buyers: 60_000,
  plannedRate: 100,
  maxActive: 20_000,
  seats: 100_000,
  noShows: 0,
  leavers: 0.1,
  pods: () => 4,
  said: 50,
  real: () => 50,
  settled: () => 200,
  steered: true,
  seed: 7,
};
const play = (change: Partial<SyntheticSale>) => playSale({ ...sale, ...change });
const most = (seconds: readonly CrowdSecond[], what: (second: CrowdSecond) => number) =>
  Math.max(...seconds.map(what));
const slowSeconds = (seconds: readonly CrowdSecond[]) => seconds.filter(({ p95Ms }) => p95Ms > 500).length;
const came = (seconds: readonly CrowdSecond[]) => seconds.reduce((sum, second) => sum + second.came, 0);

t.test('a calm sale is served as planned, and the rate never changes', async (t) => {
  const { seconds, pieces } = play({});
  t.equal(pieces.length, 1);
  t.equal(seconds.at(-1)!.serving, 41_900);
});

t.test('a second’s pause now and then changes no rate', async (t) => {
  const { seconds, pieces } = play({ real: (second) => (second % 30 === 0 ? 5 : 50) });
  t.ok(slowSeconds(seconds) > 5, `${slowSeconds(seconds)} slow seconds`);
  t.equal(pieces.length, 1);
});

t.test('what queued up in a longer pause is not taken for overload again and again', async (t) => {
  const real = (second: number) => (second % 40 < 3 ? 8 : 29.5);
  const { seconds } = play({ real });
  const plain = play({ real, steered: false }).seconds;
  t.ok(slowSeconds(seconds) < 0.6 * slowSeconds(plain), `${slowSeconds(seconds)} slow seconds`);
  t.ok(came(seconds) > 0.84 * came(plain), `${came(seconds)} of ${came(plain)} came`);
});

t.test('pods die and come back', async (t) => {
  const pods = (second: number) => (second < 100 || second >= 220 ? 4 : 1);
  const { seconds } = play({ said: 25, real: () => 30, pods });
  const plain = play({ said: 25, real: () => 30, pods, steered: false }).seconds;
  // Five seconds until silence is noticed, then a decision and its announcement.
  const noticed = seconds.slice(100 + Math.ceil(5 + decisionSeconds) + 1, 220);
  t.ok(most(noticed, ({ rate }) => rate) <= 25, 'what one pod serves');
  t.ok(slowSeconds(seconds) < 110, `${slowSeconds(seconds)} slow seconds`);
  t.ok(slowSeconds(plain) > 250, `${slowSeconds(plain)} by the plan alone`);
  t.ok(most(seconds.slice(225, 260), ({ rate }) => rate) > 80, 'they are used again');
});

t.test(
  'pods serve less than they say: answers become slow, and admission finds what they bear',
  async (t) => {
    const real = (second: number) => (second < 100 ? 50 : 15);
    const { seconds } = play({ real });
    const plain = play({ real, steered: false }).seconds;
    t.ok(slowSeconds(seconds) < 150, `${slowSeconds(seconds)} slow seconds`);
    t.ok(slowSeconds(plain) > 300, `${slowSeconds(plain)} by the plan alone`);
    const borne = came(seconds.slice(150)) / (seconds.length - 150);
    t.ok(borne > 0.6 * 60, `${borne} buyers a second of the 60 the pods bear`);
  },
);

t.test('workers fall behind', async (t) => {
  const settled = (second: number) => (second >= 100 && second < 200 ? 20 : 120);
  const { seconds } = play({ settled });
  const plain = play({ settled, steered: false }).seconds;
  const backlog = most(seconds, (second) => second.backlog);
  t.ok(backlog < 0.85 * most(plain, (second) => second.backlog), `${backlog} commits wait at most`);
  t.equal(
    Math.min(...seconds.map(({ rate }) => rate)),
    0,
    'nobody is admitted to a queue that does not move',
  );
  t.equal(seconds.at(-1)!.rate, 100);
  t.equal(seconds.at(-1)!.backlog, 0);
});

t.test('of the places 30 % belong to nobody any more', async (t) => {
  const { seconds } = play({ noShows: 0.3 });
  const perSecond = came(seconds.slice(300)) / (seconds.length - 300);
  t.ok(perSecond > 80 && perSecond < 105, `${perSecond} buyers a second, 70 without making up for them`);
  const tight = play({ noShows: 0.3, said: 25 }).seconds;
  t.equal(
    most(tight, ({ rate }) => rate),
    100,
    'not where the pods could not bear it if all of them came',
  );
});

t.test('seats run out', async (t) => {
  const change = { seats: 6000, leavers: 0.2, seconds: 1200 };
  const { seconds } = play(change);
  const plain = play({ ...change, steered: false }).seconds;
  const last = seconds.at(-1)!;
  t.equal(last.sold, 6000, 'every seat is sold, also those given back');
  t.equal(last.limitedBy, 'sold-out');
  t.equal(last.rate, 0, 'nobody is admitted to nothing');
  t.ok(last.disappointed < 2500, `${last.disappointed} came in vain`);
  t.ok(plain.at(-1)!.disappointed > 40_000, `${plain.at(-1)!.disappointed} by the plan alone`);
});

t.test('maxActive bounds who is in the shop, whoever comes', async (t) => {
  for (const noShows of [0, 0.3]) {
    for (const seed of [1, 2, 3]) {
      const { seconds } = play({ maxActive: 2000, noShows, seed });
      const active = most(seconds, (second) => second.active);
      t.ok(active <= 2000, `${active} of 2,000`);
      t.ok(active > 1000, 'and that is made use of');
    }
  }
});

t.test('whatever happens, the serving number never decreases and no change comes at once', async (t) => {
  const { pieces } = play({
    pods: (second) => 1 + ((second * 7) % 5),
    real: (second) => (second % 90 < 30 ? 10 : 50),
    settled: (second) => (second % 120 < 40 ? 5 : 150),
    maxActive: 3000,
    noShows: 0.3,
    seats: 20_000,
  });
  t.ok(pieces.length > 4, `${pieces.length} changes`);
  for (const [index, after] of pieces.entries()) {
    const before = pieces[index - 1];
    if (!before) continue;
    const { since } = after.at(-1)!;
    for (let atMs = since - changeLeadMs; atMs < since; atMs += 250) {
      if (servingNumber(before, atMs) !== servingNumber(after, atMs))
        t.fail(`changed at ${atMs}, not ${since}`);
    }
    if (servingNumber(after, since) < servingNumber(before, since - 1)) t.fail(`goes back at ${since}`);
  }
});
