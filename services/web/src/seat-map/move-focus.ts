/** A seat's row and column in its section, from 0. */
export interface SeatSpot {
  readonly row: number;
  readonly column: number;
}

/** Where a key leads from a seat, as in a grid; undefined for keys that lead nowhere. */
export function moveFocus(
  from: SeatSpot,
  key: { readonly key: string; readonly ctrlKey: boolean },
  size: { readonly rows: number; readonly columns: number },
): SeatSpot | undefined {
  const lastRow = size.rows - 1;
  const lastColumn = size.columns - 1;
  const { row, column } = from;
  const at = (nextRow: number, nextColumn: number): SeatSpot => ({
    row: Math.min(lastRow, Math.max(0, nextRow)),
    column: Math.min(lastColumn, Math.max(0, nextColumn)),
  });
  switch (key.key) {
    case 'ArrowLeft':
      return at(row, column - 1);
    case 'ArrowRight':
      return at(row, column + 1);
    case 'ArrowUp':
      return at(row - 1, column);
    case 'ArrowDown':
      return at(row + 1, column);
    case 'Home':
      return key.ctrlKey ? at(0, 0) : at(row, 0);
    case 'End':
      return key.ctrlKey ? at(lastRow, lastColumn) : at(row, lastColumn);
    case 'PageUp':
      return at(row - 5, column);
    case 'PageDown':
      return at(row + 5, column);
    default:
      return undefined;
  }
}
