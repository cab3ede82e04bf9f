import type { SeatMapAnswer } from '../api/wire.ts';

/** A section as it stands in the house; seats are numbered row by row from 0. */
export interface HouseSection {
  readonly id: string;
  readonly firstRow: number;
  readonly rows: number;
  readonly seatsPerRow: number;
  readonly priceMinor: number;
  /** Where its seats begin in the house's states. */
  readonly offset: number;
  /** Which of the house's prices it has, from the highest, 0. */
  readonly tier: number;
}

/** The seats of one sale, without their states. */
export interface House {
  readonly saleId: string;
  readonly currency: string;
  readonly sections: readonly HouseSection[];
  /** Distinct prices, the highest first. */
  readonly prices: readonly number[];
  readonly seatCount: number;
}

/** Reads the house from the seat map's JSON, and the states with it: one character a seat, `f` where it is free. */
export function readHouse(answer: SeatMapAnswer): { house: House; states: string } {
  const prices = [...new Set(answer.sections.map((section) => section.price))].sort((a, b) => b - a);
  let offset = 0;
  const sections = answer.sections.map(({ id, firstRow, rows, seatsPerRow, price }) => {
    const section = {
      id,
      firstRow,
      rows,
      seatsPerRow,
      priceMinor: price,
      offset,
      tier: prices.indexOf(price),
    };
    offset += rows * seatsPerRow;
    return section;
  });
  const { saleId, currency } = answer;
  const house = { saleId, currency, sections, prices, seatCount: offset };
  return { house, states: answer.sections.map((section) => section.seats).join('') };
}

/** The states of one section's seats. */
export function statesOf(section: HouseSection, states: string): string {
  return states.slice(section.offset, section.offset + section.rows * section.seatsPerRow);
}

/** How many of these seats are free. */
export function countFree(states: string): number {
  let free = 0;
  for (let index = 0; index < states.length; index++) if (states[index] === 'f') free++;
  return free;
}

/** A seat's name on the wire, from its row and column in the section, both from 0. */
export function seatIdAt(section: HouseSection, row: number, column: number): string {
  return `R${section.firstRow + row}C${column + 1}`;
}

/** What a seat's name says: its row in the event and its seat, both from 1. */
export function seatNumbers(seatId: string): { row: string; column: string } {
  const [, row = '', column = ''] = /^R(\d+)C(\d+)$/.exec(seatId) ?? [];
  return { row, column };
}

/** Where a seat lies; undefined when the house has no such seat. */
export function findSeat(house: House, seatId: string): { section: HouseSection; index: number } | undefined {
  const { row, column } = seatNumbers(seatId);
  const section = house.sections.find(
    ({ firstRow, rows }) => Number(row) >= firstRow && Number(row) < firstRow + rows,
  );
  if (!section || Number(column) > section.seatsPerRow) return undefined;
  const index = (Number(row) - section.firstRow) * section.seatsPerRow + Number(column) - 1;
  return { section, index };
}

/** Of these seats, those somebody else has by now. */
export function seatsGone(house: House, states: string, seatIds: readonly string[]): readonly string[] {
  return seatIds.filter((seatId) => {
    const seat = findSeat(house, seatId);
    return !seat || states[seat.section.offset + seat.index] !== 'f';
  });
}
