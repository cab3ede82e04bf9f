import { createSeededRandom } from '@onsale/platform/seeded-random';
import t from 'tap';
import { drawCharacter } from '../behaviour/draw-character.ts';
import type { BuyerClient } from '../client/buyer-client.ts';
import { playBot } from './play-bot.ts';

const behaviour = {
  mix: { 'front-rows': 1 },
  reactionMs: 100,
  choosingMs: 1000,
  typingMs: 2000,
  delaySpread: 0.3,
  lostSeats: 3,
  abandonShare: 0,
};
const sale = { saleId: 'practice.7', opensAtMs: 50_000, closesAtMs: 65_000 };
const refused = (code: string) => ({ outcome: 'refused', status: 409, code });

/** Plays a bot against canned answers, on a clock that jumps; what was asked is kept with when. */
async function play(
  answers: Readonly<Record<string, readonly unknown[]>> = {},
  options: { paysByHand?: boolean; abandonShare?: number; abortAt?: string } = {},
) {
  let nowMs = 40_000;
  const asked: [string, number, ...unknown[]][] = [];
  const calledOff = new AbortController();
  const usual: Record<string, unknown> = {
    enter: { roomToken: 'token', saleId: sale.saleId, pollAfterSec: 23 },
    roomStatus: { ready: true, pollAfterSec: 1 },
    seats: {
      saleId: sale.saleId,
      sections: [{ id: 'A', firstRow: 1, rows: 1, seatsPerRow: 8, available: 8, seats: 'ffffffff' }],
    },
    hold: { seatIds: ['R1C1'] },
    intent: { intentId: 'intent-1' },
    status: { order: { status: 'CONFIRMED' }, payment: null },
  };
  const left = new Map(Object.entries(answers).map(([name, list]) => [name, [...list]]));
  const client = new Proxy({ userId: 'bot-1', paysByHand: options.paysByHand ?? false } as BuyerClient, {
    get: (target, name: string) =>
      name in target
        ? target[name as 'userId']
        : async (...given: unknown[]) => {
            asked.push([name, nowMs, ...given]);
            if (name === options.abortAt) calledOff.abort();
            return left.get(name)?.shift() ?? { outcome: 'ok', body: usual[name] ?? {} };
          },
  });
  const result = await playBot({
    character: drawCharacter(
      createSeededRandom('bot'),
      { ...behaviour, abandonShare: options.abandonShare ?? 0 },
      4,
    ),
    client,
    sale,
    arrivalMs: -5000,
    settleWithinMs: 5000,
    signal: calledOff.signal,
    nowMs: () => nowMs,
    newKey: () => 'key',
    pause: async (ms) => {
      if (!calledOff.signal.aborted) nowMs += Math.max(0, ms);
    },
  });
  return { result, asked, calls: asked.map(([name]) => name) };
}

t.test('a purchase, at its own pace, the same again with the same seed', async (t) => {
  const { result, asked, calls } = await play();
  t.same(calls, ['enter', 'roomStatus', 'seats', 'hold', 'intent', 'commit', 'status']);
  t.match(result, { outcome: 'confirmed', enteredAtMs: 45_000, admittedAtMs: 45_000, commitKey: 'key' });
  t.ok(asked[3]![1] > 45_500, 'choosing takes time');
  t.same(await play(), { result, asked, calls });
});

t.test('room-status is asked at once, and again when it says so', async (t) => {
  const waiting = { outcome: 'ok', body: { ready: false, pollAfterSec: 4 } };
  const { asked } = await play({ roomStatus: [waiting, waiting] });
  t.same(
    asked.flatMap(([name, atMs]) => (name === 'roomStatus' ? [atMs] : [])),
    [45_000, 49_000, 53_000],
  );
});

t.test('who loses a seat looks again, and gives up in the end', async (t) => {
  const lost = refused('seat_already_held_or_sold');
  t.match(await play({ hold: [lost] }), { result: { outcome: 'confirmed' } });
  const { result, calls } = await play({ hold: [lost, lost, lost] });
  t.equal(result.outcome, 'gave-up');
  t.notOk(calls.includes('intent'));
});

t.test('busy services are asked again when they say', async (t) => {
  const busy = { outcome: 'try-again', code: 'unavailable', afterMs: 700 };
  const { result, asked } = await play({ enter: [busy], commit: [busy] });
  t.equal(result.outcome, 'confirmed');
  t.equal(asked[1]![1] - asked[0]![1], 700);
  t.match((await play({ commit: Array(20).fill(busy) })).result, { outcome: 'failed', code: 'unavailable' });
});

t.test('whoever walks away from the payment gives the seats back', async (t) => {
  for (const paysByHand of [false, true]) {
    const { result, calls } = await play({}, { paysByHand, abandonShare: 1 });
    t.equal(result.outcome, 'abandoned');
    t.equal(calls.at(-1), 'release');
    t.notOk(calls.includes('pay') || calls.includes('commit'));
  }
});

t.test('called off, a bot releases what it holds, and keeps to what it has paid', async (t) => {
  const held = await play({}, { abortAt: 'hold' });
  t.equal(held.result.outcome, 'stopped');
  t.same(held.calls.slice(-2), ['hold', 'release']);
  const paid = await play({}, { abortAt: 'pay', paysByHand: true });
  t.equal(paid.calls.at(-1), 'commit');
  t.same((await play({}, { abortAt: 'enter' })).calls, ['enter']);
});

t.test('a sale that is over, sold out, or another by now ends it', async (t) => {
  const sold = { ...sale, sections: [{ id: 'A', available: 0, seats: 'ssss' }] };
  t.equal((await play({ seats: [{ outcome: 'ok', body: sold }] })).result.outcome, 'sold-out');
  t.match((await play({ hold: [refused('sale_not_open')] })).result, { outcome: 'too-late' });
  const next = { outcome: 'ok', body: { saleId: 'practice.8' } };
  t.equal((await play({ enter: [next] })).result.outcome, 'too-late');
});

t.test('an order nobody decides is told as such', async (t) => {
  const open = { outcome: 'ok', body: { order: { status: 'PROCESSING' }, payment: null } };
  t.equal((await play({ status: Array(50).fill(open) })).result.outcome, 'undecided');
});
