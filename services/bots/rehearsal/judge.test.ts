import t from 'tap';
import type { BotResult } from '../play/bot-result.ts';
import { type Bars, judge, type RehearsalFacts } from './judge.ts';

const bars: Bars = { p95Ms: 200, errorShare: 0.001, noticeSeconds: 5 };
const plan = { buyers: 2, opensAtMs: 1_000_000, ratePerSecond: 100, arrivalsPerSecond: 100, seatCount: 4 };

function bought(seatId: string, change: object = {}): BotResult {
  const order = {
    orderId: `order-${seatId}`,
    intentId: `intent-${seatId}`,
    eventId: 'rehearsal-a',
    userId: `bot-${seatId}`,
    seatIds: [seatId],
    amount: 100,
    currency: 'KRW',
    status: 'CONFIRMED' as const,
    reason: null,
    tickets: [{ ticketId: `ticket-${seatId}`, seatId, status: 'VALID' as const }],
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
  const payment = {
    intentId: order.intentId,
    paymentId: 'pay',
    status: 'CAPTURED' as const,
    amount: 100,
    refunded: 0,
  };
  return {
    userId: order.userId,
    outcome: 'confirmed',
    enteredAtMs: plan.opensAtMs - 100,
    admittedAtMs: plan.opensAtMs + 1000,
    heldAtMs: plan.opensAtMs + 3000,
    decidedAtMs: plan.opensAtMs + 6000,
    commitKey: `key-${seatId}`,
    status: { order, payment },
    ...change,
  };
}

const sound: RehearsalFacts = {
  plan,
  results: [bought('R1C1'), bought('R1C2')],
  exchanges: (['enter', 'hold', 'commit'] as const).map((step) => ({ step, status: 200, elapsedMs: 20 })),
  sections: [{ seats: 'ssff' }],
  capacityConfirmed: undefined,
};
const rejected = (paymentStatus: string, code = 'payment_failed') => {
  const { status } = bought('R1C2');
  const payment = { ...status!.payment!, status: paymentStatus };
  const order = { ...status!.order!, status: 'REJECTED', reason: code, tickets: [] };
  return bought('R1C2', { outcome: 'rejected', code, status: { order, payment } });
};
const failedChecks = (facts: Partial<RehearsalFacts>, changed: Partial<Bars> = {}) => {
  const { verdict, checks } = judge({ ...sound, ...facts }, { ...bars, ...changed });
  return [verdict, ...checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)];
};

t.test('a sound rehearsal is a go; what nobody could know is not held against it', async (t) => {
  const { verdict, checks } = judge(sound, bars);
  t.equal(verdict, 'go');
  t.same(
    checks.filter(({ outcome }) => outcome === 'not-judged').map(({ name }) => name),
    ['sold out in time', 'capacity confirmed'],
  );
});

t.test('each bar that is missed is a no-go with its name', async (t) => {
  const [first] = sound.results as [BotResult];
  for (const [facts, name] of [
    [{ results: [first, first] }, 'every seat sold once'],
    [{ sections: [{ seats: 'sssf' }] }, 'every seat sold once'],
    [
      {
        results: [first, bought('R1C2', { outcome: 'undecided', status: undefined })],
        sections: [{ seats: 'sfff' }],
      },
      'every order decided',
    ],
    [
      { exchanges: [...sound.exchanges, { step: 'hold', status: 503, elapsedMs: 5 } as const] },
      'requests answered',
    ],
    [
      { results: [...sound.results, { userId: 'bot-3', outcome: 'failed', code: 'unavailable' } as const] },
      'requests answered',
    ],
    [
      { exchanges: [...sound.exchanges, { step: 'seats', status: 200, elapsedMs: 201 } as const] },
      'p95 of each step at most 200 ms',
    ],
    [{ results: [first, bought('R1C2', { admittedAtMs: plan.opensAtMs + 60_000 })] }, 'admission as planned'],
    [{ capacityConfirmed: false }, 'capacity confirmed'],
  ] as const) {
    t.same(failedChecks(facts), ['no-go', name]);
  }
});

t.test('rejected orders are a no-go, and so is money that does not come back', async (t) => {
  const results = (paymentStatus: string) => [sound.results[0]!, rejected(paymentStatus)];
  const sections = [{ seats: 'sfff' }];
  t.same(failedChecks({ results: results('REFUNDED'), sections }), ['no-go', 'orders confirmed']);
  t.same(failedChecks({ results: results('REFUNDED'), sections }, { errorShare: 0.5 }), ['go']);
  for (const stuck of ['CAPTURED', 'REFUNDING']) {
    t.same(failedChecks({ results: results(stuck), sections }, { errorShare: 0.5 }), [
      'no-go',
      'all that was paid is tickets or given back',
    ]);
  }
});

t.test('a sale that sells out is judged by its time as well', async (t) => {
  const soldOut = { plan: { ...plan, seatCount: 2 }, sections: [{ seats: 'ss' }] };
  t.same(failedChecks(soldOut), ['go']);
  const late = [sound.results[0]!, bought('R1C2', { decidedAtMs: plan.opensAtMs + 100_000 })];
  t.same(failedChecks({ ...soldOut, results: late }), ['no-go', 'sold out in time']);
});

t.test('what could not be seen is no verdict', async (t) => {
  t.equal(judge({ ...sound, sections: undefined }, bars).verdict, 'unjudged');
});
