import type { Exchange } from '../history.ts';
import { checkAnswers } from './check-answers.ts';
import { checkBuyers } from './check-buyers.ts';
import { checkCommits } from './check-commits.ts';
import { checkMoney } from './check-money.ts';
import { checkProjection } from './check-projection.ts';
import { checkRoom } from './check-room.ts';
import { checkSeat } from './check-seat.ts';
import { checkStock } from './check-stock.ts';
import { checkTickets } from './check-tickets.ts';
import { seatStories } from './seat-stories.ts';
import type { Violation } from './violation.ts';
import type { World } from './world.ts';

/**
 * Compares what the clients saw with what the stores hold, and both with the invariants. It trusts no service: nothing of
 * theirs is imported, and their tables, keys and items are read by statements of its own.
 */
export function checkHistory(exchanges: readonly Exchange[], world: World): Violation[] {
  return [
    ...world.sales.flatMap((sale) =>
      seatStories(exchanges, world, sale).flatMap((story) => checkSeat(story) ?? []),
    ),
    ...checkTickets(world),
    ...checkMoney(world),
    ...checkCommits(exchanges, world),
    ...checkStock(exchanges, world),
    ...checkBuyers(exchanges, world),
    ...checkRoom(exchanges, world),
    ...checkProjection(exchanges, world),
    ...checkAnswers(exchanges),
  ];
}
