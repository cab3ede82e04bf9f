import { type KeyboardEvent, type MouseEvent, useCallback, useMemo, useRef, useState } from 'react';
import { useSpeech } from '../i18n/language.tsx';
import { type HouseSection, seatIdAt } from './house.ts';
import { moveFocus, type SeatSpot } from './move-focus.ts';
import { SeatRow } from './seat-row.tsx';

interface SeatGridProps {
  readonly section: HouseSection;
  readonly currency: string;
  /** One character a seat of this section. */
  readonly states: string;
  readonly selectedIds: readonly string[];
  readonly onToggle: (seatId: string) => void;
}

/**
 * A section's seats as a grid: Tab reaches one seat, arrow keys go on from there, Space or Enter chooses
 * (https://www.w3.org/WAI/ARIA/apg/patterns/grid/).
 */
export function SeatGrid({ section, currency, states, selectedIds, onToggle }: SeatGridProps) {
  const { text, format } = useSpeech();
  const grid = useRef<HTMLDivElement>(null);
  const [focus, setFocus] = useState<SeatSpot>({ row: 0, column: 0 });
  const price = format.money(section.priceMinor, currency);
  const seatLabel = useCallback(
    (row: number, column: number, state: 'free' | 'taken' | 'selected') =>
      text.seatLabel(
        String(section.firstRow + row),
        String(column + 1),
        price,
        { free: text.seatFree, taken: text.seatTaken, selected: text.seatSelected }[state],
      ),
    [text, section, price],
  );
  const selectedByRow = useMemo(() => columnsByRow(section, selectedIds), [section, selectedIds]);

  const spotOf = (target: EventTarget): SeatSpot | undefined => {
    const { row, column } = (target as HTMLElement).dataset;
    return row === undefined ? undefined : { row: Number(row), column: Number(column) };
  };
  const toggle = ({ row, column }: SeatSpot) => onToggle(seatIdAt(section, row, column));
  const onClick = (event: MouseEvent) => {
    const spot = spotOf(event.target);
    if (!spot) return;
    setFocus(spot);
    toggle(spot);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const spot = spotOf(event.target);
    if (!spot) return;
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      toggle(spot);
      return;
    }
    const next = moveFocus(spot, event, { rows: section.rows, columns: section.seatsPerRow });
    if (!next) return;
    event.preventDefault();
    setFocus(next);
    grid.current
      ?.querySelector<HTMLElement>(`[data-row="${next.row}"][data-column="${next.column}"]`)
      ?.focus();
  };

  return (
    <div
      ref={grid}
      role="grid"
      aria-label={`${text.section(section.id)}, ${price}`}
      aria-multiselectable="true"
      className={`seat-grid tier-${section.tier % 5}`}
      onClick={onClick}
      onKeyDown={onKeyDown}
    >
      {Array.from({ length: section.rows }, (_, row) => (
        <SeatRow
          key={row}
          section={section}
          row={row}
          states={states.slice(row * section.seatsPerRow, (row + 1) * section.seatsPerRow)}
          selected={selectedByRow.get(row) ?? ''}
          tabColumn={focus.row === row ? focus.column : -1}
          rowLabel={text.row(String(section.firstRow + row))}
          seatLabel={seatLabel}
        />
      ))}
    </div>
  );
}

function columnsByRow(section: HouseSection, seatIds: readonly string[]): Map<number, string> {
  const rows = new Map<number, string>();
  for (const seatId of seatIds) {
    const [, row = '', column = ''] = /^R(\d+)C(\d+)$/.exec(seatId) ?? [];
    const at = Number(row) - section.firstRow;
    if (at < 0 || at >= section.rows) continue;
    const before = rows.get(at);
    rows.set(at, before === undefined ? String(Number(column) - 1) : `${before},${Number(column) - 1}`);
  }
  return rows;
}
