import type { SectionDefinition } from './event-definition.ts';

/** Where a seat lies: its section's position in the event, and its position in the section, row by row. */
export interface SeatPosition {
  readonly sectionIndex: number;
  readonly seatIndex: number;
}

export interface SeatMapSection extends SectionDefinition {
  /** Number of the section's first row; rows number on through the sections. */
  readonly firstRow: number;
  readonly seatCount: number;
}

const seatIdPattern = /^R([1-9][0-9]{0,4})C([1-9][0-9]{0,4})$/;

/** An event's seats as arithmetic: names to positions and back, without a table of seats. */
export class SeatMap {
  readonly sections: readonly SeatMapSection[];
  readonly seatCount: number;
  readonly #sectionOfRow: number[] = [];
  readonly #indexOfSection = new Map<string, number>();

  constructor(sections: readonly SectionDefinition[]) {
    let firstRow = 1;
    this.sections = sections.map((section, sectionIndex) => {
      const placed = { ...section, firstRow, seatCount: section.rows * section.seatsPerRow };
      for (let row = firstRow; row < firstRow + section.rows; row++) this.#sectionOfRow[row] = sectionIndex;
      this.#indexOfSection.set(section.id, sectionIndex);
      firstRow += section.rows;
      return placed;
    });
    this.seatCount = this.sections.reduce((sum, section) => sum + section.seatCount, 0);
  }

  /** The seat's position, or undefined when the event has no such seat. */
  locate(seatId: string): SeatPosition | undefined {
    const match = seatIdPattern.exec(seatId);
    if (!match) return undefined;
    const row = Number(match[1]);
    const column = Number(match[2]);
    const sectionIndex = this.#sectionOfRow[row];
    if (sectionIndex === undefined) return undefined;
    const section = this.sections[sectionIndex]!;
    if (column > section.seatsPerRow) return undefined;
    return { sectionIndex, seatIndex: (row - section.firstRow) * section.seatsPerRow + column - 1 };
  }

  /** The position's name; the position must lie in the map. */
  seatId({ sectionIndex, seatIndex }: SeatPosition): string {
    const section = this.sections[sectionIndex]!;
    const row = section.firstRow + Math.floor(seatIndex / section.seatsPerRow);
    return `R${row}C${(seatIndex % section.seatsPerRow) + 1}`;
  }

  sectionIndex(sectionId: string): number | undefined {
    return this.#indexOfSection.get(sectionId);
  }
}
