import { seatNumbers } from '../seat-map/house.ts';
import { useWords } from './use-words.ts';

/** Says where the holder of a checked ticket sits. */
export function useTicketSeat() {
  const { text, words } = useWords();
  return ({ seatId }: { readonly seatId: string }): string => {
    const { row, column } = seatNumbers(seatId);
    return row === '' ? seatId || words.standing : text.seatName(row, column);
  };
}
