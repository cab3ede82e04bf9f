import t from 'tap';
import { busySales } from './busy-sales.ts';

const opensAt = '2030-01-01T12:00:00Z';
const event = (over: object = {}) => ({
  metadata: { name: 'concert' },
  spec: {
    homeRegion: 'ap-northeast-1',
    sale: { opensAt, closesAt: '2030-01-01T14:00:00Z' },
  },
  ...over,
});
const at = (hours: number) => Date.parse(opensAt) + hours * 3_600_000;

t.test('a deployment waits for sales that warm or are open, in their own Region', async (t) => {
  t.same(busySales([event()], 'ap-northeast-1', at(-3)), []);
  t.equal(busySales([event()], 'ap-northeast-1', at(-1)).length, 1, 'warming by the clock');
  t.equal(busySales([event()], 'ap-northeast-1', at(1)).length, 1, 'open');
  t.same(busySales([event()], 'ap-northeast-1', at(2)), [], 'closed');
  t.same(busySales([event()], 'ap-northeast-2', at(1)), [], 'at home elsewhere');
  t.match(busySales([event({ status: { phase: 'WarmingData' } })], 'ap-northeast-1', at(-9)), [
    /WarmingData/,
  ]);
  const windowed = event({ spec: { homeRegion: 'ap-northeast-1', sale: { windows: {} } } });
  t.match(busySales([windowed], 'ap-northeast-1', at(0)), [/again and again/]);
});
