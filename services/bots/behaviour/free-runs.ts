/** Free seats beside each other in one row; `start` counts from the section's first seat. */
export interface FreeRun {
  readonly row: number;
  readonly start: number;
  readonly length: number;
}

/** The runs of free seats of a section, front to back; `seats` is one character a seat, row by row, `f` when free. */
export function freeRuns({
  seats,
  seatsPerRow,
}: {
  readonly seats: string;
  readonly seatsPerRow: number;
}): FreeRun[] {
  const runs: FreeRun[] = [];
  for (let row = 0; row * seatsPerRow < seats.length; row++) {
    const first = row * seatsPerRow;
    for (const match of seats.slice(first, first + seatsPerRow).matchAll(/f+/g)) {
      runs.push({ row, start: first + match.index, length: match[0].length });
    }
  }
  return runs;
}
