/** Seats a buyer has chosen and not yet held: always of one section, as a hold is. */
export interface Selection {
  readonly sectionId: string | null;
  readonly seatIds: readonly string[];
}

export type Toggled =
  | { readonly outcome: 'selected' | 'deselected'; readonly selection: Selection }
  /** In another section: the selection began anew there. */
  | { readonly outcome: 'moved'; readonly selection: Selection }
  | { readonly outcome: 'limit-reached' };

export const nothingSelected: Selection = { sectionId: null, seatIds: [] };

/** Chooses a seat, or lets go of it. */
export function toggleSeat(selection: Selection, sectionId: string, seatId: string, limit: number): Toggled {
  if (selection.seatIds.includes(seatId)) {
    return { outcome: 'deselected', selection: withoutSeats(selection, [seatId]) };
  }
  if (selection.seatIds.length > 0 && selection.sectionId !== sectionId) {
    return { outcome: 'moved', selection: { sectionId, seatIds: [seatId] } };
  }
  if (selection.seatIds.length >= limit) return { outcome: 'limit-reached' };
  return { outcome: 'selected', selection: { sectionId, seatIds: [...selection.seatIds, seatId] } };
}

/** What is left when these seats are gone. */
export function withoutSeats(selection: Selection, gone: readonly string[]): Selection {
  const seatIds = selection.seatIds.filter((seatId) => !gone.includes(seatId));
  return seatIds.length === 0 ? nothingSelected : { ...selection, seatIds };
}
