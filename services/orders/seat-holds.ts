import type { CommitMessage } from '@onsale/contracts/queue/commit-message';
import type { PublishedEvent } from '@onsale/contracts/sale/published-event';
import type { SaleId } from '@onsale/contracts/sale/sale-id';

/** Some seats of one buyer in one sale. */
export interface SeatsOfBuyer {
  readonly published: PublishedEvent;
  readonly saleId: SaleId;
  readonly userId: string;
  readonly seatIds: readonly string[];
}

/** What orders need of the inventory. Every operation may be repeated. */
export interface SeatHolds {
  /** Whether all of these seats are the buyer's: held, committing or sold. */
  isHolder(request: SeatsOfBuyer): Promise<boolean>;
  /**
   * From here the hold no longer lapses. Asked again for the same intent it is still `committing`; a second intent over
   * the same seats is `not-held`.
   */
  beginCommit(
    request: SeatsOfBuyer & { readonly message: CommitMessage },
  ): Promise<{ readonly outcome: 'committing' | 'not-held' | 'hold-expired' }>;
  /** The seats this intent was committing have become tickets. */
  markSold(request: SeatsOfBuyer & { readonly intentId: string; readonly orderId: string }): Promise<void>;
  /** The order was rejected: frees the seats this intent is committing, nothing else. */
  freeCommitting(request: SeatsOfBuyer & { readonly intentId: string }): Promise<void>;
  /** The tickets were cancelled: seats still sold to this order are on sale again. */
  returnSold(request: Omit<SeatsOfBuyer, 'userId'> & { readonly orderId: string }): Promise<void>;
}
