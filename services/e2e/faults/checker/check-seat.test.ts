import t from 'tap';
import type { Exchange } from '../history.ts';
import { checkSeat } from './check-seat.ts';
import { seatStories } from './seat-stories.ts';
import type { World } from './world.ts';
import {
  exchange,
  granted,
  order,
  refused,
  released,
  second,
  soldToAnn,
  ticket,
  world,
} from './world-fixture.ts';

function messages(exchanges: readonly Exchange[], stores: World = world()): string[] {
  return stores.sales.flatMap((sale) =>
    seatStories(exchanges, stores, sale).flatMap((story) => checkSeat(story)?.message ?? []),
  );
}

t.test('explained histories', async (t) => {
  t.same(messages([granted('ann', ['R1C1'], [1, 2])]), [], 'a hold');
  t.same(
    messages([granted('ann', ['R1C1'], [1, 4]), refused('bob', 'R1C1', [1, 4])]),
    [],
    'two ask at once, one is first',
  );
  t.same(
    messages([
      granted('ann', ['R1C1'], [1, 2]),
      refused('bob', 'R1C1', [3, 4]),
      released('ann', 'R1C1', [5, 6]),
      granted('bob', ['R1C1'], [5, 6]),
    ]),
    [],
    'released and taken while the release is answered',
  );
  t.same(messages([granted('ann', ['R1C1'], [1, 2]), granted('bob', ['R1C1'], [11, 12])]), [], 'lapsed');
  const cut = exchange({ kind: 'hold', userId: 'ann', eventId: 'show', seatIds: ['R1C1'] }, [1, 2], 0);
  t.same(messages([cut, refused('bob', 'R1C1', [3, 4])]), [], 'an answer that never came explains a refusal');
  t.same(messages([cut, granted('bob', ['R1C1'], [3, 4])]), [], 'or nothing');
  const unheard = exchange({ kind: 'release', userId: 'ann', eventId: 'show', seatIds: ['R1C1'] }, [3, 4], 0);
  t.same(
    messages([granted('ann', ['R1C1'], [1, 2]), unheard, granted('bob', ['R1C1'], [5, 6])]),
    [],
    'a release nobody heard the end of',
  );
  const bought = [granted('ann', ['R1C1'], [1, 2]), refused('bob', 'R1C1', [30, 31])];
  t.same(messages(bought, soldToAnn()), [], 'sold: refused long after the hold would have lapsed');
  const rejected = order({ status: 'REJECTED', reason: 'payment_failed' });
  t.same(
    messages(
      [granted('ann', ['R1C1'], [1, 2]), granted('bob', ['R1C1'], [6, 7])],
      world({ orders: [rejected] }),
    ),
    [],
    'free again after a rejection, before the hold was over',
  );
  const cancelled = soldToAnn({
    orders: [order({ status: 'CANCELLED' })],
    tickets: [ticket({ status: 'CANCELLED', cancelledAtMs: second(20) })],
  });
  t.same(
    messages([granted('ann', ['R1C1'], [1, 2]), granted('bob', ['R1C1'], [21, 22])], cancelled),
    [],
    'on sale again after a cancellation',
  );
  t.same(
    messages(
      [granted('ann', ['R1C1'], [1, 2]), released('ann', 'R1C1', [3, 3.1]), refused('bob', 'R1C1', [6, 7])],
      world({ redisLosses: [{ fromMs: second(4), placesToo: true }] }),
    ),
    [],
    'a restored Redis may hold what was just released',
  );
});

t.test('two holds at once, whoever asked first', async (t) => {
  t.same(messages([granted('ann', ['R1C1'], [1, 2]), granted('bob', ['R1C1'], [3, 4])]), [
    'show.0 R1C1: bob was given hold hold-of-bob (12:00:03.000–12:00:04.000), but ann has hold hold-of-ann since 12:00:01.000–12:00:02.000, until 12:00:11.000',
  ]);
  t.match(
    messages([granted('ann', ['R1C1', 'R1C2'], [1, 2]), granted('bob', ['R1C2', 'R1C3'], [1, 2])]),
    [/^show.0 R1C2: /],
    'crossed pairs: the one seat they share',
  );
  t.match(
    messages([granted('ann', ['R1C1'], [1, 1.5]), granted('bob', ['R1C1'], [10.7, 10.8])]),
    [/bob was given hold .* but ann has hold/],
    'a fifth of a second before the first lapses',
  );
});

t.test('a hold of what is sold', async (t) => {
  t.match(messages([granted('ann', ['R1C1'], [1, 2]), granted('bob', ['R1C1'], [30, 31])], soldToAnn()), [
    'show.0 R1C1: bob was given hold hold-of-bob (12:00:30.000–12:00:31.000), but ann has it by order order-1 since 12:00:02.950–12:00:04.000',
  ]);
});

t.test('sold to somebody who did not hold it', async (t) => {
  t.match(messages([], soldToAnn()), [
    /R1C1: order order-1 of ann was confirmed, .* but nobody is known to have it/,
  ]);
  t.match(messages([granted('bob', ['R1C1'], [1, 2])], soldToAnn()), [/order-1 of ann .* but bob has hold/]);
  const late = soldToAnn({
    orders: [order({ createdAtMs: second(13), begunAtMs: second(14) })],
    intents: [{ ...soldToAnn().intents[0]!, createdAtMs: second(13) }],
  });
  t.match(
    messages([granted('ann', ['R1C1'], [1, 2])], late),
    [
      /order-1 of ann was confirmed, its commit taken in 12:00:12.950–12:00:14.000, but ann has hold .* until 12:00:11/,
    ],
    'the hold had lapsed before there was anything to commit',
  );
});

t.test('refused though free', async (t) => {
  t.match(messages([refused('bob', 'R1C1', [1, 2])]), [/bob was told it is taken .* but nobody is known/]);
  t.match(
    messages([granted('ann', ['R1C1'], [1, 2]), refused('bob', 'R1C1', [12, 13])]),
    [/bob was told it is taken/],
    'by a hold that had lapsed',
  );
});

t.test('released though another had it', async (t) => {
  t.match(
    messages([
      granted('ann', ['R1C1'], [1, 2]),
      granted('bob', ['R1C1'], [11, 12]),
      released('ann', 'R1C1', [13, 14]),
    ]),
    [/ann was told it is released .* but bob has hold/],
  );
});

t.test('many who ask for one seat at once are searched through quickly', async (t) => {
  const crowd = Array.from({ length: 300 }, (_, index) => refused(`rival-${index}`, 'R1C1', [1, 3]));
  const rounds = Array.from({ length: 40 }, (_, index) => [
    granted('ann', ['R1C1'], [4 + index / 10, 4.2 + index / 10], `hold-${index}`),
    released('ann', 'R1C1', [4.05 + index / 10, 4.25 + index / 10]),
  ]).flat();
  t.same(
    messages([granted('bob', ['R1C1'], [1, 2]), ...crowd, released('bob', 'R1C1', [3, 4]), ...rounds]),
    [],
  );
});
