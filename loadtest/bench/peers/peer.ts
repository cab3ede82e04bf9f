/** How others keep a seat from being given to two buyers. */
export interface Peer {
  /** Makes a sale's seats ready; what a design does not need it leaves out. */
  open(eventId: string, seatIds: readonly string[]): Promise<void>;
  /** Gives the seat to the buyer for as long as a hold lasts, unless somebody has it. */
  hold(eventId: string, seatId: string, userId: string): Promise<'held' | 'taken'>;
}

/** Where a peer keeps its seats. */
export interface PeerStores {
  readonly redisUrl: string;
  readonly postgresUrl: string;
  readonly dynamodbUrl: string;
}

export const holdMs = 3_600_000;
