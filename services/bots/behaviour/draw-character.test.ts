import { createSeededRandom } from '@onsale/platform/seeded-random';
import t from 'tap';
import type { Behaviour } from './behaviour.ts';
import { drawArrivalMs } from './draw-arrival.ts';
import { drawCharacter } from './draw-character.ts';
import { drawDelayMs } from './draw-delay.ts';

const behaviour: Behaviour = {
  mix: { 'front-rows': 3, 'random-seat': 1 },
  reactionMs: 400,
  choosingMs: 1800,
  typingMs: 3000,
  delaySpread: 0.5,
  lostSeats: 6,
  abandonShare: 0.25,
};
const crowd = (seed: string, perBuyer = 4) =>
  Array.from({ length: 2000 }, (_, index) =>
    drawCharacter(createSeededRandom(`${seed}/${index}`), behaviour, perBuyer),
  );
/** What can be seen of a character, its first delays and seats included. */
const traits = ({ seatRandom, nextDelayMs, ...rest }: ReturnType<typeof drawCharacter>) => ({
  ...rest,
  delays: [nextDelayMs('reaction'), nextDelayMs('choosing'), nextDelayMs('typing')],
  seats: [seatRandom.next(), seatRandom.next()],
});

t.test('the same seed brings the same bots again, another brings others', async (t) => {
  // As text: comparing thousands of objects that differ takes minutes.
  const seen = (seed: string) => JSON.stringify(crowd(seed).slice(0, 50).map(traits));
  const first = seen('monday');
  t.equal(seen('monday'), first);
  t.not(seen('tuesday'), first);
});

t.test('a crowd is mixed as asked, within what chance does to two thousand', async (t) => {
  const bots = crowd('mix');
  const share = (is: (bot: (typeof bots)[number]) => boolean) => bots.filter(is).length / bots.length;
  t.ok(Math.abs(share(({ strategy }) => strategy === 'front-rows') - 0.75) < 0.05);
  t.ok(Math.abs(share(({ abandons }) => abandons) - 0.25) < 0.05);
  t.same(new Set(bots.map(({ partySize }) => partySize)), new Set([1, 2, 3, 4]));
  t.same(new Set(bots.map(({ patience }) => patience)), new Set([3, 4, 5, 6]));
});

t.test('nobody wants more than one buyer may have', async (t) => {
  t.same(new Set(crowd('few', 2).map(({ partySize }) => partySize)), new Set([1, 2]));
});

t.test('delays lie around their middle, differ as asked, and have an end', async (t) => {
  const delays = (spread: number) => {
    const random = createSeededRandom('delays');
    return Array.from({ length: 4000 }, () => drawDelayMs(random, 1000, spread)).sort((a, b) => a - b);
  };
  t.same(new Set(delays(0)), new Set([1000]));
  const usual = delays(0.5);
  t.ok(Math.abs(usual[2000]! - 1000) < 60, 'half are faster');
  t.ok(Math.abs(usual[Math.round(4000 * 0.16)]! - 607) < 60, 'a sixth is faster than e^-0.5');
  t.ok(usual.every((ms) => ms > 0 && ms <= 6000));
  t.equal(delays(2).at(-1), 6000);
});

t.test('bots come before the opening, the more the closer it is, and a few after it', async (t) => {
  const random = createSeededRandom('arrivals');
  const arrivals = Array.from({ length: 2000 }, () => drawArrivalMs(random, 10_000, 2000));
  t.ok(arrivals.every((ms) => ms >= -10_000 && ms <= 2000));
  const early = arrivals.filter((ms) => ms <= -5000).length;
  const close = arrivals.filter((ms) => ms > -5000 && ms <= 0).length;
  t.ok(close > 2 * early);
  t.ok(arrivals.some((ms) => ms > 0));
});
