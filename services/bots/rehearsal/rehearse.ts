import { setTimeout as delay } from 'node:timers/promises';
import { botUserIdPrefix } from '@onsale/contracts/sale/bot-user-id';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import type { Behaviour } from '../behaviour/behaviour.ts';
import { createBuyerClient } from '../client/buyer-client.ts';
import type { Exchange } from '../client/exchange.ts';
import { createSaleFeed } from '../client/sale-feed.ts';
import { createWire } from '../client/wire.ts';
import type { BotResult } from '../play/bot-result.ts';
import { playSale } from '../play/play-sale.ts';
import type { RehearsalFacts } from './judge.ts';
import type { RehearsalPlan } from './plan-rehearsal.ts';

export interface Rehearsal {
  readonly plan: RehearsalPlan;
  readonly base: string;
  readonly publish: (ticketEvent: TicketEvent) => Promise<unknown>;
  readonly seed: string;
  /** How long the last orders and refunds may take, milliseconds. */
  readonly settleWithinMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** People at their usual pace; all of them mean to buy. */
const behaviour: Behaviour = {
  mix: { 'front-rows': 3, 'random-seat': 3, 'best-available': 3, 'scattered-pairs': 1 },
  reactionMs: 450,
  choosingMs: 1800,
  typingMs: 3000,
  delaySpread: 0.5,
  lostSeats: 6,
  abandonShare: 0.05,
};
const earlyMs = 2000;
const longestSaleMs = 600_000;
const listedWithinMs = 30_000;

/** Publishes the copy, plays its buyers, and resolves with what was seen; the copy is closed again in any case. */
export async function rehearse(rehearsal: Rehearsal): Promise<Omit<RehearsalFacts, 'capacityConfirmed'>> {
  const { plan, base, signal, onProgress } = rehearsal;
  const exchanges: Exchange[] = [];
  const wire = createWire((exchange) => exchanges.push(exchange));
  // Its requests are no buyer's.
  const ownWire = createWire(() => undefined);
  const feed = createSaleFeed(ownWire, base);
  await rehearsal.publish(plan.ticketEventUntil(plan.opensAtMs + longestSaleMs));
  const results: BotResult[] = [];
  const line = () => {
    const ended = Object.entries(Object.groupBy(results, ({ outcome }) => outcome));
    const untilOpen = Math.ceil((plan.opensAtMs - feed.nowMs()) / 1000);
    const when = untilOpen > 0 ? `opens in ${untilOpen} s` : `${-untilOpen} s on sale`;
    return [`${when} · ${plan.buyers - results.length} under way`]
      .concat(ended.map(([outcome, group]) => `${outcome} ${group.length}`))
      .join(' · ');
  };
  const progress = setInterval(() => onProgress(line()), 1000);
  try {
    const sale = await findSale();
    await playSale({
      sale,
      count: plan.buyers,
      seed: rehearsal.seed,
      behaviour,
      userIdOf: (index) => `${botUserIdPrefix}rehearsal-${index + 1}`,
      arrivalMsOf: (index) => (1000 * index) / plan.arrivalsPerSecond - earlyMs,
      wire,
      base,
      settleWithinMs: rehearsal.settleWithinMs,
      nowMs: () => feed.nowMs(),
      signal,
      onResult: (result) => void results.push(result),
    });
    const settled = await awaitRefunds();
    return { plan, results: settled, exchanges, sections: await readFinalMap(settled) };
  } finally {
    clearInterval(progress);
    // Buyers see it in the event list until then.
    await rehearsal.publish(plan.ticketEventUntil(feed.nowMs())).catch((error: unknown) => {
      onProgress(`${plan.eventId} could not be closed: ${(error as Error).message}`);
    });
    await Promise.all([wire.close(), ownWire.close()]);
  }

  async function findSale() {
    const deadline = performance.now() + listedWithinMs;
    while (performance.now() < deadline && !signal.aborted) {
      const sale = (await feed.list())?.find(({ eventId }) => eventId === plan.eventId);
      if (sale && (await feed.readClock())) return sale;
      await delay(250);
    }
    throw new Error(
      `${base} does not list ${plan.eventId}, which ${listedWithinMs / 1000} s ago was published`,
    );
  }

  /** A refund comes after the order's rejection: asks again until it has. */
  async function awaitRefunds(): Promise<BotResult[]> {
    const deadline = performance.now() + rehearsal.settleWithinMs;
    const client = createBuyerClient({ wire: ownWire, base, eventId: plan.eventId, userId: 'nobody' });
    return Promise.all(
      results.map(async (result) => {
        let last = result;
        while (last.commitKey && isRefundDue(last) && performance.now() < deadline && !signal.aborted) {
          await delay(500);
          const answer = await client.status(last.commitKey);
          if (answer.outcome === 'ok') last = { ...last, status: answer.body };
        }
        return last;
      }),
    );
  }

  /** The map lags behind orders by its cache and by the projection: asks again until they agree. */
  async function readFinalMap(settled: readonly BotResult[]) {
    const client = createBuyerClient({ wire: ownWire, base, eventId: plan.eventId, userId: 'nobody' });
    const tickets = settled.reduce((sum, { status }) => sum + (status?.order?.tickets.length ?? 0), 0);
    const deadline = performance.now() + rehearsal.settleWithinMs;
    for (;;) {
      const map = await client.seats();
      const sections = map.outcome === 'ok' ? map.body.sections : undefined;
      const sold = sections?.reduce((sum, { seats }) => sum + seats.replaceAll(/[^s]/g, '').length, 0);
      if (sold === tickets || performance.now() > deadline || signal.aborted) return sections;
      await delay(500);
    }
  }
}

const isRefundDue = ({ outcome, status }: BotResult) =>
  outcome === 'rejected' && ['CAPTURED', 'REFUNDING'].includes(status?.payment?.status ?? '');
