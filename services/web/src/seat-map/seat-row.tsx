import { memo } from 'react';
import type { HouseSection } from './house.ts';

interface SeatRowProps {
  readonly section: HouseSection;
  /** In the section, from 0. */
  readonly row: number;
  /** One character a seat of this row. */
  readonly states: string;
  /** Columns selected, as `3,4`: text, so that an unchanged row is not drawn again. */
  readonly selected: string;
  /** The column the Tab key reaches, or -1. */
  readonly tabColumn: number;
  readonly rowLabel: string;
  readonly seatLabel: (row: number, column: number, state: 'free' | 'taken' | 'selected') => string;
}

/** One row of seats. A change elsewhere in the house leaves it alone: that is what keeps thousands of seats smooth. */
export const SeatRow = memo(function SeatRow(props: SeatRowProps) {
  const { section, row, states, selected, tabColumn, rowLabel, seatLabel } = props;
  const chosen = selected === '' ? [] : selected.split(',').map(Number);
  return (
    <div role="row" className="seat-row" aria-label={rowLabel}>
      <span role="rowheader" className="seat-row-name">
        {section.firstRow + row}
      </span>
      {Array.from(states, (state, column) => {
        const isSelected = chosen.includes(column);
        const look = isSelected ? 'selected' : state === 'f' ? 'free' : 'taken';
        return (
          <span
            key={column}
            role="gridcell"
            className={`seat seat-${look}`}
            data-row={row}
            data-column={column}
            tabIndex={column === tabColumn ? 0 : -1}
            aria-label={seatLabel(row, column, look)}
            aria-selected={isSelected}
            aria-disabled={look === 'taken' || undefined}
          />
        );
      })}
    </div>
  );
});
