import type { SeatHolds } from './seat-holds.ts';

interface SeatState {
  state: 'held' | 'committing' | 'sold';
  userId: string;
  /** Of the commit, once there is one. */
  intentId?: string;
  orderId?: string;
  expiresAtMs: number;
}

/** Seats in memory, for tests: the inventory's rules about holds, commits and sales, without its stores. */
export class FakeSeatHolds implements SeatHolds {
  readonly seats = new Map<string, SeatState>();
  /** Seats put back on sale, by order: a seat twice in here was returned twice. */
  readonly returned: { orderId: string; seatId: string }[] = [];
  /** Runs before every call; a test that throws here has taken the store away. */
  before: (call: keyof SeatHolds) => void | Promise<void> = () => undefined;
  /** `${orderId} ${seatId}`: sold late, such a seat stays free. */
  readonly #returnedSeats = new Set<string>();

  hold(saleId: string, userId: string, seatIds: readonly string[], forMs = 180_000): boolean {
    const expiresAtMs = Date.now() + forMs;
    if (seatIds.some((seatId) => this.#owner(saleId, seatId) !== undefined)) return false;
    for (const seatId of seatIds)
      this.seats.set(`${saleId} ${seatId}`, { state: 'held', userId, expiresAtMs });
    return true;
  }

  stateOf(saleId: string, seatId: string): string {
    return this.#owner(saleId, seatId)?.state ?? 'free';
  }

  async isHolder({ saleId, userId, seatIds }: Parameters<SeatHolds['isHolder']>[0]) {
    await this.before('isHolder');
    return seatIds.every((seatId) => this.#owner(saleId, seatId)?.userId === userId);
  }

  async beginCommit({ saleId, userId, seatIds, message }: Parameters<SeatHolds['beginCommit']>[0]) {
    await this.before('beginCommit');
    const { intentId } = message.payload;
    const seats = seatIds.map((seatId) => this.seats.get(`${saleId} ${seatId}`));
    const own = seats.every(
      (seat) => seat?.userId === userId && (seat.state === 'held' || seat.intentId === intentId),
    );
    if (!own) return { outcome: 'not-held' as const };
    const lapsed = seats.some((seat) => seat!.state === 'held' && seat!.expiresAtMs <= Date.now());
    if (lapsed) return { outcome: 'hold-expired' as const };
    for (const seat of seats) {
      if (seat!.state === 'held') Object.assign(seat!, { state: 'committing', intentId });
    }
    return { outcome: 'committing' as const };
  }

  async markSold({ saleId, userId, intentId, seatIds, orderId }: Parameters<SeatHolds['markSold']>[0]) {
    await this.before('markSold');
    for (const seatId of seatIds) {
      const key = `${saleId} ${seatId}`;
      const seat = this.#owner(saleId, seatId);
      if (this.#returnedSeats.has(`${orderId} ${seatId}`)) {
        if (seat?.state === 'committing' && seat.intentId === intentId) this.seats.delete(key);
      } else if (!seat || (seat.userId === userId && (seat.intentId ?? intentId) === intentId)) {
        this.seats.set(key, { state: 'sold', userId, intentId, orderId, expiresAtMs: 0 });
      }
    }
  }

  async freeCommitting({ saleId, userId, intentId, seatIds }: Parameters<SeatHolds['freeCommitting']>[0]) {
    await this.before('freeCommitting');
    for (const seatId of seatIds) {
      const seat = this.seats.get(`${saleId} ${seatId}`);
      const own = seat?.state === 'committing' && seat.userId === userId && seat.intentId === intentId;
      if (own) this.seats.delete(`${saleId} ${seatId}`);
    }
  }

  async returnSold({ saleId, seatIds, orderId }: Parameters<SeatHolds['returnSold']>[0]) {
    await this.before('returnSold');
    for (const seatId of seatIds) {
      this.#returnedSeats.add(`${orderId} ${seatId}`);
      const seat = this.seats.get(`${saleId} ${seatId}`);
      if (seat?.state !== 'sold' || seat.orderId !== orderId) continue;
      this.seats.delete(`${saleId} ${seatId}`);
      this.returned.push({ orderId, seatId });
    }
  }

  /** Who has the seat; a lapsed hold is nobody's. */
  #owner(saleId: string, seatId: string): SeatState | undefined {
    const seat = this.seats.get(`${saleId} ${seatId}`);
    return seat?.state === 'held' && seat.expiresAtMs <= Date.now() ? undefined : seat;
  }
}
