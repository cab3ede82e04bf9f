import { useSpeech } from '../i18n/language.tsx';
import { findSeat, type House, seatNumbers } from '../seat-map/house.ts';
import type { Selection } from '../seat-map/selection.ts';

interface SelectedSeatsProps {
  readonly house: House;
  readonly selection: Selection;
  readonly isHolding: boolean;
  readonly onRemove: (seatId: string) => void;
  readonly onHold: () => void;
}

/** What is selected, what it costs, and the button that holds it. */
export function SelectedSeats({ house, selection, isHolding, onRemove, onHold }: SelectedSeatsProps) {
  const { text, format } = useSpeech();
  const { seatIds } = selection;
  const seats = seatIds.map((seatId) => {
    const { row, column } = seatNumbers(seatId);
    const priceMinor = findSeat(house, seatId)?.section.priceMinor ?? 0;
    return { seatId, name: text.seatName(row, column), priceMinor };
  });
  const totalMinor = seats.reduce((sum, seat) => sum + seat.priceMinor, 0);
  return (
    <section
      className={`panel selected ${seatIds.length === 0 ? 'selected-none' : ''}`}
      aria-label={text.yourSeats}
    >
      <h2>{text.yourSeats}</h2>
      {seats.length === 0 ? (
        <p className="muted">{text.noSeatYet}</p>
      ) : (
        <ul className="seat-list">
          {seats.map(({ seatId, name, priceMinor }) => (
            <li key={seatId}>
              <span>{name}</span>
              <span>{format.money(priceMinor, house.currency)}</span>
              <button
                type="button"
                className="icon-button icon-small"
                aria-label={text.removeSeat(name)}
                disabled={isHolding}
                onClick={() => onRemove(seatId)}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      {seats.length > 0 && (
        <p className="total">
          <span>{text.total}</span>
          <strong>{format.money(totalMinor, house.currency)}</strong>
        </p>
      )}
      <button
        type="button"
        className="button button-large"
        disabled={seats.length === 0 || isHolding}
        onClick={onHold}
      >
        {isHolding ? text.holding : text.holdSeats(seats.length)}
      </button>
    </section>
  );
}
