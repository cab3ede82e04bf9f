import t from 'tap';
import type { SeatMapAnswer } from '../api/wire.ts';
import { countFree, findSeat, readHouse, seatIdAt, seatsGone, statesOf } from './house.ts';
import { moveFocus } from './move-focus.ts';
import { nothingSelected, toggleSeat, withoutSeats } from './selection.ts';

const answer = {
  eventId: 'e',
  saleId: 'e.0',
  currency: 'KRW',
  sections: [
    { id: 'A', firstRow: 1, rows: 2, seatsPerRow: 3, price: 100, available: 5, seats: 'ffhfff' },
    { id: 'B', firstRow: 3, rows: 1, seatsPerRow: 2, price: 300, available: 1, seats: 'sf' },
  ],
} as unknown as SeatMapAnswer;

t.test('a house knows its seats by name, its prices and what is free', async (t) => {
  const { house, states } = readHouse(answer);
  t.same(house.prices, [300, 100]);
  t.equal(house.seatCount, 8);
  const [a, b] = house.sections;
  t.equal(statesOf(b!, states), 'sf');
  t.equal(countFree(statesOf(a!, states)), 5);
  t.equal(b!.tier, 0, 'the dearest first');
  t.equal(seatIdAt(b!, 0, 1), 'R3C2');
  t.match(findSeat(house, 'R3C2'), { section: { id: 'B' }, index: 1 });
  t.equal(findSeat(house, 'R3C3'), undefined);
  t.equal(findSeat(house, 'R4C1'), undefined);
  t.same(seatsGone(house, states, ['R1C1', 'R1C3', 'R3C1', 'R9C9']), ['R1C3', 'R3C1', 'R9C9']);
});

t.test('a selection stays within one section and the limit', async (t) => {
  const one = toggleSeat(nothingSelected, 'A', 'R1C1', 2);
  t.match(one, { outcome: 'selected', selection: { sectionId: 'A', seatIds: ['R1C1'] } });
  if (one.outcome !== 'selected') return;
  const two = toggleSeat(one.selection, 'A', 'R1C2', 2);
  if (two.outcome !== 'selected') return t.fail('two are allowed');
  t.same(toggleSeat(two.selection, 'A', 'R2C1', 2), { outcome: 'limit-reached' });
  t.match(toggleSeat(two.selection, 'B', 'R3C1', 2), { outcome: 'moved', selection: { seatIds: ['R3C1'] } });
  t.match(toggleSeat(two.selection, 'A', 'R1C1', 2), {
    outcome: 'deselected',
    selection: { seatIds: ['R1C2'] },
  });
  t.same(withoutSeats(one.selection, ['R1C1']), nothingSelected);
});

t.test('keys move within the grid and not out of it', async (t) => {
  const size = { rows: 3, columns: 4 };
  const from = { row: 1, column: 3 };
  const press = (key: string, ctrlKey = false) => moveFocus(from, { key, ctrlKey }, size);
  t.same(press('ArrowRight'), from);
  t.same(press('ArrowLeft'), { row: 1, column: 2 });
  t.same(press('ArrowUp'), { row: 0, column: 3 });
  t.same(press('PageDown'), { row: 2, column: 3 });
  t.same(press('Home'), { row: 1, column: 0 });
  t.same(press('Home', true), { row: 0, column: 0 });
  t.same(press('End', true), { row: 2, column: 3 });
  t.equal(press('a'), undefined);
});
