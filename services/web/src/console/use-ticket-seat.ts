import { seatNumbers } from '../seat-map/house.ts';
import { useWords } from './use-words.ts';

/** Says where the holder of a checked ticket sits, or how many people stand. */
export function useTicketSeat() {
  const { text, words } = useWords();
  return ({ seatId, quantity }: { readonly seatId: string; readonly quantity?: number }): string => {
    const { row, column } = seatNumbers(seatId);
    return quantity === undefined ? text.seatName(row, column) : words.standing(quantity);
  };
}
