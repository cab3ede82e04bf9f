/** Unseated tickets a buyer has taken, or had. */
export interface Reservation {
  readonly id: number;
  /** Number of the event. */
  readonly eventNumber: number;
  readonly userId: string;
  readonly quantity: number;
  readonly status: 'CONFIRMED' | 'CANCELLED';
  readonly createdAt: Date;
}

/** Whether a reservation found by its key is what this request asked for, or the key was used for something else. */
export function isAnswerTo(
  reservation: Reservation,
  eventNumber: number,
  { userId, quantity }: Pick<Reservation, 'userId' | 'quantity'>,
): boolean {
  return (
    reservation.eventNumber === eventNumber &&
    reservation.userId === userId &&
    reservation.quantity === quantity
  );
}
