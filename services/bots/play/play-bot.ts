import type { Character } from '../behaviour/draw-character.ts';
import { chooseSeats } from '../behaviour/choose-seats.ts';
import type { Answer } from '../client/exchange.ts';
import type { BuyerClient } from '../client/buyer-client.ts';
import type { BotOutcome, BotResult } from './bot-result.ts';

/** What a bot lives in; time is given to it, so that its life can be tested without waiting. */
export interface BotLife {
  readonly character: Character;
  readonly client: BuyerClient;
  readonly sale: { readonly saleId: string; readonly opensAtMs: number; readonly closesAtMs: number };
  /** When it enters, milliseconds after the opening. */
  readonly arrivalMs: number;
  /** How long its order is watched. */
  readonly settleWithinMs: number;
  /** Calls it off: it releases what it holds and has not paid for. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds of the services' clock. */
  nowMs(): number;
  /** A new idempotency key. */
  newKey(): string;
  /** Waits; ends early when the bot is called off. */
  pause(ms: number): Promise<void>;
}

type Notes = Omit<BotResult, 'userId' | 'outcome' | 'code'>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
interface Ending {
  readonly outcome: BotOutcome;
  readonly code?: string;
}

const tries = 8;

/** Plays one bot's purchase from entering to its tickets, as its character would and by the contract alone. */
export async function playBot(life: BotLife): Promise<BotResult> {
  const { client, sale, signal } = life;
  const notes: Mutable<Notes> = {};
  const ending = await purchase();
  return { userId: client.userId, ...ending, ...notes };

  async function purchase(): Promise<Ending> {
    await life.pause(sale.opensAtMs + life.arrivalMs - life.nowMs());
    if (signal.aborted) return { outcome: 'stopped' };
    const entered = await insist(() => client.enter());
    if (entered.outcome !== 'ok') return endingOf(entered);
    if (entered.body.saleId !== sale.saleId) return { outcome: 'too-late' };
    notes.enteredAtMs = life.nowMs();
    const { roomToken } = entered.body;

    const kept = await awaitTurn(roomToken);
    if (kept) return kept;
    notes.admittedAtMs = life.nowMs();

    const held = await holdSeats(roomToken);
    if ('outcome' in held) return held;
    notes.heldAtMs = life.nowMs();
    return payAndCommit(roomToken, held.seatIds);
  }

  /** Asks at once, as the page does, then when it is told to; resolves with an ending when the turn does not come. */
  async function awaitTurn(roomToken: string): Promise<Ending | undefined> {
    for (;;) {
      if (signal.aborted) return { outcome: 'stopped' };
      const answer = await insist(() => client.roomStatus(roomToken));
      if (answer.outcome !== 'ok') return endingOf(answer);
      if (answer.body.ready) return undefined;
      if (life.nowMs() >= sale.closesAtMs) return { outcome: 'too-late' };
      await life.pause(1000 * answer.body.pollAfterSec);
    }
  }

  async function holdSeats(roomToken: string): Promise<{ seatIds: readonly string[] } | Ending> {
    const { character } = life;
    await life.pause(character.nextDelayMs('reaction'));
    for (let lost = 0; lost < character.patience; lost++) {
      if (signal.aborted) return { outcome: 'stopped' };
      const map = await insist(() => client.seats());
      if (map.outcome !== 'ok') return endingOf(map);
      if (map.body.saleId !== sale.saleId) return { outcome: 'too-late' };
      const wish = chooseSeats(map.body.sections, character);
      if (!wish) {
        if (map.body.sections.every(({ seats }) => !seats.includes('h'))) return { outcome: 'sold-out' };
        // All are held: some holds lapse, some buyers walk away.
        await life.pause(2 * character.nextDelayMs('choosing'));
        continue;
      }
      await life.pause(character.nextDelayMs('choosing'));
      if (signal.aborted) return { outcome: 'stopped' };
      const answer = await insist(() => client.hold(roomToken, wish));
      if (answer.outcome === 'ok') return { seatIds: answer.body.seatIds };
      const isLost =
        answer.outcome === 'refused' && ['seat_already_held_or_sold', 'sold_out'].includes(answer.code);
      if (!isLost) return endingOf(answer);
      await life.pause(character.nextDelayMs('reaction'));
    }
    return { outcome: 'gave-up' };
  }

  async function payAndCommit(roomToken: string, seatIds: readonly string[]): Promise<Ending> {
    const { character } = life;
    const leave = async (outcome: 'abandoned' | 'stopped'): Promise<Ending> => {
      await insist(() => client.release(roomToken, seatIds));
      return { outcome };
    };
    const pay = async (): Promise<Ending | undefined> => {
      await life.pause(character.nextDelayMs('typing'));
      if (signal.aborted) return leave('stopped');
      return character.abandons ? leave('abandoned') : undefined;
    };
    const giveUp = async (answer: Answer<unknown>): Promise<Ending> => {
      await client.release(roomToken, seatIds);
      return endingOf(answer);
    };

    if (signal.aborted) return leave('stopped');
    // Without a page to pay on the intent is the payment: what is to happen before it, happens before.
    if (client.paysByHand) {
      const prepared = await insist(() => client.payByHand());
      if (prepared.outcome !== 'ok') return giveUp(prepared);
    } else {
      const left = await pay();
      if (left) return left;
    }
    const intentKey = life.newKey();
    const intent = await insist(() => client.intent(seatIds, intentKey));
    if (intent.outcome !== 'ok') return giveUp(intent);
    const { intentId } = intent.body;
    if (client.paysByHand) {
      const left = await pay();
      if (left) return left;
      const paid = await insist(async () => {
        const answer = await client.pay(intentId);
        // The provider hears of a payment a moment after the buyer.
        const isUnheard = answer.outcome === 'refused' && answer.code === 'not_found';
        return isUnheard ? { outcome: 'try-again', code: answer.code, afterMs: 250 } : answer;
      });
      if (paid.outcome !== 'ok') return giveUp(paid);
    }
    const commitKey = life.newKey();
    notes.commitKey = commitKey;
    const committed = await insist(() => client.commit(intentId, seatIds, commitKey));
    if (committed.outcome !== 'ok') return endingOf(committed);
    return watchOrder(commitKey);
  }

  async function watchOrder(key: string): Promise<Ending> {
    const giveUpAtMs = life.nowMs() + life.settleWithinMs;
    for (let pauseMs = 200; !signal.aborted; pauseMs = Math.min(1000, 1.5 * pauseMs)) {
      await life.pause(pauseMs);
      const answer = await client.status(key);
      if (answer.outcome === 'ok') {
        notes.status = answer.body;
        const { order } = answer.body;
        if (order && order.status !== 'PROCESSING') {
          notes.decidedAtMs = life.nowMs();
          return order.status === 'CONFIRMED'
            ? { outcome: 'confirmed' }
            : { outcome: 'rejected', code: order.reason ?? order.status };
        }
      }
      if (life.nowMs() >= giveUpAtMs) return { outcome: 'undecided' };
    }
    return { outcome: 'stopped' };
  }

  /** Repeats what may be tried again, as often as a patient person; a bot that is called off starts nothing new. */
  async function insist<Body>(send: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
    for (let attempt = 1; ; attempt++) {
      const answer = await send();
      if (answer.outcome !== 'try-again' || attempt === tries || signal.aborted) return answer;
      await life.pause(answer.afterMs);
    }
  }

  function endingOf(answer: Answer<unknown>): Ending {
    if (signal.aborted) return { outcome: 'stopped' };
    if (answer.outcome === 'ok') return { outcome: 'failed' };
    const isOver = ['sale_not_open', 'room_expired'].includes(answer.code);
    return { outcome: isOver ? 'too-late' : 'failed', code: answer.code };
  }
}
