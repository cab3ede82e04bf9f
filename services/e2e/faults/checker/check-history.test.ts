import t from 'tap';
import type { Asked, Exchange } from '../history.ts';
import { checkHistory } from './check-history.ts';
import type { World } from './world.ts';
import {
  exchange,
  granted,
  order,
  sale,
  second,
  section,
  soldToAnn,
  ticket,
  world,
} from './world-fixture.ts';

const entered = (userId: string, joinIndex: number, span: readonly [number, number], eventId = 'show') =>
  exchange({ kind: 'enter', userId, eventId }, span, 200, { saleId: `${eventId}.0`, joinIndex });
const record = (
  span: readonly [number, number],
  base: number,
  draw: Record<string, unknown> = { seedHash: 'aa', cohort: 0 },
) => {
  const serving = { base, since: second(span[0]), rate: 0 };
  const asked = { kind: 'room-record', eventId: 'show' } as const;
  return exchange(asked, span, 200, { now: second(span[1]), serving, next: null, draw });
};
const committed = (key: string, overrides: Partial<Extract<Asked, { kind: 'commit' }>> = {}) =>
  exchange(
    {
      kind: 'commit',
      userId: 'ann',
      eventId: 'show',
      intentId: 'intent-1',
      seatIds: ['R1C1'],
      key,
      ...overrides,
    },
    [3, 4],
    202,
  );
const told = (status: string, span: readonly [number, number], orderId = 'order-1') =>
  exchange({ kind: 'status', key: 'commit-key-1' }, span, 200, { order: { orderId, status } });
const reserved = (
  userId: string,
  quantity: number,
  key: string,
  status: number,
  body: Record<string, unknown>,
): Exchange => exchange({ kind: 'reserve', userId, eventId: 'crowd', quantity, key }, [1, 2], status, body);

const ann = [entered('ann', 0, [0.5, 1]), granted('ann', ['R1C1'], [1, 2])];
const crowd = { eventId: 'crowd', saleId: 'crowd.0', capacity: 10, perBuyer: 4 };
const row = (id: number, userId: string, quantity: number, status = 'CONFIRMED') => ({
  id,
  saleId: 'crowd.0',
  userId,
  quantity,
  status,
  key: `key-${id}`,
});

t.test('a purchase, and tickets of a crowd, break nothing', async (t) => {
  t.same(checkHistory([], world()), [], 'nothing at all');
  const bought = [
    ...ann,
    record([2, 3], 5),
    committed('commit-key-1'),
    told('PROCESSING', [4, 5]),
    told('CONFIRMED', [6, 7]),
  ];
  t.same(checkHistory(bought, soldToAnn({ restoredSales: [sale({ sections: [section('sfff')] })] })), []);
  t.same(
    checkHistory(
      [
        reserved('ann', 4, 'key-1', 201, { id: 1 }),
        reserved('ann', 4, 'key-1', 200, { id: 1 }),
        reserved('bob', 7, 'key-9', 409, { error: 'sold_out', message: '' }),
      ],
      world({
        stockSales: [crowd],
        stock: [{ saleId: 'crowd.0', capacity: 10, sold: 4 }],
        reservations: [row(1, 'ann', 4)],
      }),
    ),
    [],
  );
});

t.test('a record whose piece began after a hold does not tell the number at the hold', async (t) => {
  const draw = { seedHash: 'aa', cohort: 0 };
  const faster = { base: 60, since: second(3), rate: 50 };
  const asked = { kind: 'room-record', eventId: 'show' } as const;
  const later = exchange(asked, [3, 4], 200, { now: second(4), serving: faster, next: null, draw });
  t.same(checkHistory([entered('ann', 50, [0, 0.5]), granted('ann', ['R1C1'], [1, 2]), later], world()), []);
});

interface Bad {
  readonly name: string;
  readonly exchanges?: readonly Exchange[];
  readonly stores?: World;
  readonly finds: readonly [invariant: number, message: RegExp];
}

const bad: readonly Bad[] = [
  {
    name: 'two live tickets for a seat',
    exchanges: ann,
    stores: soldToAnn({
      tickets: [ticket(), ticket({ ticketId: 'ticket-2', orderId: 'order-2', issuedAtMs: second(6) })],
    }),
    finds: [
      1,
      /R1C1: ticket ticket-2 \(order order-2\) was issued at 12:00:06.000, but ticket ticket-1 .* until never/,
    ],
  },
  {
    name: 'half an order',
    exchanges: ann,
    stores: soldToAnn({ orders: [order({ seatIds: ['R1C1', 'R1C2'] })] }),
    finds: [2, /order-1 is CONFIRMED and has 1 live of 1 tickets for 2 seats/],
  },
  {
    name: 'tickets of a rejected order',
    exchanges: ann,
    stores: soldToAnn({ orders: [order({ status: 'REJECTED', reason: 'payment_failed' })] }),
    finds: [2, /order-1 is REJECTED and has 1 live of 1/],
  },
  {
    name: 'less held than was asked for',
    exchanges: [
      exchange({ kind: 'hold', userId: 'ann', eventId: 'show', section: 'A', seatCount: 2 }, [1, 2], 200, {
        holdId: 'h',
        expiresAt: new Date(second(11)).toISOString(),
        seatIds: ['R1C1'],
      }),
    ],
    finds: [2, /ann was given hold h .* of R1C1, which is not all/],
  },
  {
    name: 'more tickets than there are',
    stores: world({
      stockSales: [crowd],
      stock: [{ saleId: 'crowd.0', capacity: 10, sold: 12 }],
      reservations: [row(1, 'ann', 4), row(2, 'bob', 4), row(3, 'eve', 4)],
    }),
    finds: [2, /12 tickets of 10 are sold/],
  },
  {
    name: 'tickets of a crowd that were lost',
    exchanges: [reserved('ann', 2, 'key-1', 201, { id: 1 })],
    stores: world({ stockSales: [crowd] }),
    finds: [2, /ann was told of 2 tickets .* PostgreSQL has none/],
  },
  {
    name: 'turned away while tickets are left',
    exchanges: [reserved('ann', 2, 'key-1', 409, { error: 'sold_out', message: '' })],
    stores: world({ stockSales: [crowd] }),
    finds: [2, /ann was refused 2 tickets .* at most 0 of 10/],
  },
  {
    name: 'released by a stranger',
    exchanges: [
      exchange(
        { kind: 'release', userId: 'eve', eventId: 'show', seatIds: ['R1C1'], withoutProof: true },
        [1, 2],
        200,
        { released: true },
      ),
    ],
    finds: [3, /eve released R1C1 of show without proof/],
  },
  {
    name: 'Redis forgets a sale',
    exchanges: ann,
    stores: soldToAnn({ sales: [sale()] }),
    finds: [4, /show.0 when quiet: seat R1C1 is free in Redis and sold by order order-1 in PostgreSQL/],
  },
  {
    name: 'restored Redis forgets a sale',
    exchanges: ann,
    stores: soldToAnn({ restoredSales: [sale()] }),
    finds: [4, /show.0 restored: seat R1C1 is free/],
  },
  {
    name: 'a seat held by nobody',
    stores: world({ sales: [sale({ sections: [section('hfff', { openHolds: ['h ann 0'] })] })] }),
    finds: [4, /seat R1C1 is held in Redis and free in PostgreSQL/],
  },
  {
    name: 'counts that are off',
    stores: world({
      sales: [sale({ sections: [section('ffff', { counts: { free: 3, held: 0, sold: 1, blocked: 0 } })] })],
    }),
    finds: [4, /section A counts \{"free":3/],
  },
  {
    name: 'a map that does not add up',
    exchanges: [
      exchange({ kind: 'seats', eventId: 'show' }, [1, 2], 200, {
        sections: [{ id: 'A', rows: 1, seatsPerRow: 4, available: 4, seats: 'sfff' }],
      }),
    ],
    finds: [4, /the map of 12:00:02.000 shows 3 free of 4 seats in section A, and says 4 of 4/],
  },
  {
    name: 'money kept for nothing',
    stores: world({
      orders: [order({ status: 'REJECTED', reason: 'payment_timeout', begunAtMs: null })],
      intents: soldToAnn().intents,
      captures: [{ paymentId: 'pay-1', intentId: 'intent-1', amountMinor: 100, pays: true }],
      ledger: soldToAnn().ledger,
    }),
    finds: [
      5,
      /intent-1 \(order order-1 REJECTED\): captured 100 by 1 payments, refunded 0, live tickets cost 0/,
    ],
  },
  {
    name: 'money back and tickets, too',
    exchanges: ann,
    stores: soldToAnn({
      ledger: [...soldToAnn().ledger, { kind: 'refund', refundId: 'rf-1', paymentId: 'pay-1', amount: 100 }],
    }),
    finds: [5, /captured 100 by 1 payments, refunded 100, live tickets cost 100/],
  },
  {
    name: 'a refund that never got there',
    exchanges: ann,
    stores: soldToAnn({
      refunds: [{ refundId: 'rf-1', paymentId: 'pay-1', amountMinor: 100, isDone: true }],
    }),
    finds: [5, /payment pay-1: 100 should have gone back, 0 has/],
  },
  {
    name: 'a capture nobody heard of',
    exchanges: ann,
    stores: soldToAnn({ captures: [] }),
    finds: [5, /payment pay-1 took 100, and PostgreSQL has not heard of it/],
  },
  {
    name: 'a key that stands for two requests',
    exchanges: [...ann, committed('commit-key-1'), committed('commit-key-1', { userId: 'eve' })],
    stores: soldToAnn(),
    finds: [6, /commit key commit-key-1 was accepted for ann intent-1 R1C1 .* and for eve intent-1 R1C1/],
  },
  {
    name: 'a key that gives two intents',
    exchanges: ['intent-1', 'intent-2'].map((intentId) =>
      exchange(
        { kind: 'intent', userId: 'ann', eventId: 'show', seatIds: ['R1C1'], key: 'intent-key-1' },
        [1, 2],
        201,
        { intentId, amount: 100 },
      ),
    ),
    finds: [6, /intent key intent-key-1 answered intent-1 100 .* then intent-2 100/],
  },
  {
    name: 'a commit that was lost',
    exchanges: [committed('commit-key-7')],
    finds: [7, /commit commit-key-7 was accepted at 12:00:04.000 and is lost/],
  },
  {
    name: 'a commit that never ends',
    exchanges: [...ann, committed('commit-key-1')],
    stores: soldToAnn({ orders: [order({ status: 'PROCESSING' })], tickets: [] }),
    finds: [7, /its order order-1 is still PROCESSING at 12:01:00.000/],
  },
  {
    name: 'what does not settle',
    stores: world({ unsettled: ['3 refunds are not done'] }),
    finds: [7, /3 refunds are not done/],
  },
  {
    name: 'two terminal states',
    exchanges: [...ann, told('REJECTED', [5, 6]), told('CONFIRMED', [7, 8])],
    stores: soldToAnn(),
    finds: [7, /commit-key-1 was order-1 REJECTED at 12:00:06.000, then order-1 CONFIRMED/],
  },
  {
    name: 'one place for two',
    exchanges: [entered('ann', 7, [1, 2]), entered('bob', 7, [3, 4])],
    finds: [8, /place 7 was given to ann \(12:00:01.000–12:00:02.000\) and to bob/],
  },
  {
    name: 'two places for one',
    exchanges: [entered('ann', 7, [1, 2]), entered('ann', 9, [3, 4])],
    finds: [8, /ann entered again and got place 9 .* the first was 7/],
  },
  {
    name: 'another draw',
    exchanges: [record([1, 2], 5), record([3, 4], 5, { seedHash: 'bb', cohort: 0 })],
    finds: [8, /the draw of 0 places by aa .* was another at 12:00:04.000: 0 by bb/],
  },
  {
    name: 'a serving number that falls',
    exchanges: [record([1, 2], 9), record([3, 4], 8)],
    finds: [9, /the serving number was 9 at 12:00:02.000 and 8 at 12:00:04.000/],
  },
  {
    name: 'a hold before the turn',
    exchanges: [entered('ann', 50, [0, 0.5]), granted('ann', ['R1C1'], [1, 2]), record([3, 4], 10)],
    finds: [9, /ann was given hold .* with place 50 while the serving number was 10/],
  },
  {
    name: 'a hold without a place',
    exchanges: [granted('ann', ['R1C1'], [1, 2])],
    finds: [9, /ann was given hold .* and was never given a place/],
  },
  {
    name: 'a turn taken back',
    exchanges: [true, false].map((ready, index) =>
      exchange({ kind: 'room-status', userId: 'ann', eventId: 'show' }, [index, index + 0.5], 200, { ready }),
    ),
    finds: [9, /ann show was admitted at 12:00:00.500 and not any more at 12:00:01.500/],
  },
  {
    name: 'more seats than one buyer may have, one section each',
    exchanges: [
      ann[0]!,
      granted('ann', ['R1C1', 'R1C2'], [1, 2], 'h1'),
      granted('ann', ['R1C3'], [3, 4], 'h2'),
    ],
    finds: [
      10,
      /at 12:00:04.000 ann had 3 seats, one buyer may have 2: R1C1 by hold h1, R1C2 by hold h1, R1C3/,
    ],
  },
  {
    name: 'a hold before the sale opens',
    exchanges: [entered('ann', 0, [-4, -3]), granted('ann', ['R1C1'], [-2, -1])],
    finds: [10, /ann was given hold .* the sale is open 12:00:00.000–13:00:00.000/],
  },
  {
    name: 'an error that is none of the contract',
    exchanges: [exchange({ kind: 'seats', eventId: 'show' }, [1, 2], 500, { error: 'oops', message: '' })],
    finds: [0, /seats was answered 500 .*: an engine that is away is a 503/],
  },
  {
    name: 'no Retry-After',
    exchanges: [
      exchange({ kind: 'seats', eventId: 'show' }, [1, 2], 503, { error: 'unavailable', message: '' }),
    ],
    finds: [0, /Retry-After is missing/],
  },
];

t.test('what must not be is found, and said so that it can be looked into', async (t) => {
  for (const { name, exchanges = [], stores = world(), finds } of bad) {
    const found = checkHistory(exchanges, stores);
    const [invariant, message] = finds;
    t.ok(
      found.some((violation) => violation.invariant === invariant && message.test(violation.message)),
      `${name}: ${found.map((violation) => `${violation.invariant} ${violation.message}`).join(' | ')}`,
    );
  }
  const broken = new Set<number>(bad.map(({ finds }) => finds[0]));
  t.equal(broken.size, 11, 'each invariant, and the contract, is broken once');
});
