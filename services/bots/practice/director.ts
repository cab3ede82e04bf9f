import type { BotsStatus } from '@onsale/contracts/http/bots-routes';
import type { Logger } from 'pino';
import type { ListedSale, SaleFeed } from '../client/sale-feed.ts';
import type { BotResult } from '../play/bot-result.ts';

export interface DirectorDeps {
  readonly feed: Pick<SaleFeed, 'list' | 'readClock'>;
  /** Plays all bots of a sale; called off by the signal. */
  readonly play: (
    sale: ListedSale,
    signal: AbortSignal,
    onResult: (result: BotResult) => void,
  ) => Promise<unknown>;
  readonly perRound: number;
  /** Events to play besides practice events. */
  readonly eventIds: readonly string[];
  readonly enabled: boolean;
  readonly onFinished: (result: BotResult) => void;
  readonly logger: Logger;
  readonly nowMs?: () => number;
}

/** Sends bots into rounds while it is switched on. */
export interface Director {
  status(): BotsStatus;
  on(): BotsStatus;
  /** Calls off all bots; resolves when none is active. */
  off(): Promise<BotsStatus>;
  /** Looks for rounds that have no bots yet and sends them in. */
  look(): Promise<void>;
}

/** Makes a {@link Director}; its owner calls {@link Director.look} about once a second. */
export function createDirector(deps: DirectorDeps): Director {
  const { feed, logger, nowMs = Date.now } = deps;
  const startedAtMs = nowMs();
  let sinceMs = startedAtMs;
  let enabled = deps.enabled;
  let calledOff = new AbortController();
  const active = new Map<string, { bots: number; readonly ended: Promise<unknown> }>();
  /** Rounds bots were sent into, with when each closes: none is played twice. */
  const played = new Map<string, number>();
  const finished = new Map<string, number>();

  const status = (): BotsStatus => ({
    enabled,
    since: new Date(sinceMs).toISOString(),
    startedAt: new Date(startedAtMs).toISOString(),
    active: [...active.values()].reduce((sum, { bots }) => sum + bots, 0),
    perRound: deps.perRound,
    rounds: [...active].map(([saleId, { bots }]) => ({ saleId, active: bots })),
    finished: Object.fromEntries(finished),
  });

  const isOurs = ({ eventId, isPractice, state, saleId }: ListedSale) =>
    (isPractice || deps.eventIds.includes(eventId)) &&
    ['room-open', 'on-sale'].includes(state) &&
    !played.has(saleId);

  const send = (sale: ListedSale) => {
    const { saleId } = sale;
    played.set(saleId, sale.closesAtMs);
    const onResult = (result: BotResult) => {
      active.get(saleId)!.bots--;
      finished.set(result.outcome, (finished.get(result.outcome) ?? 0) + 1);
      deps.onFinished(result);
    };
    logger.info({ event: 'round_begun', saleId, bots: deps.perRound }, 'Bots go into a round');
    // Registered before any bot can end.
    const ended = Promise.resolve()
      .then(() => deps.play(sale, calledOff.signal, onResult))
      .catch((error: unknown) =>
        logger.error({ event: 'round_failed', saleId, err: error }, 'A round failed'),
      )
      .finally(() => active.delete(saleId));
    active.set(saleId, { bots: deps.perRound, ended });
  };

  return {
    status,
    on() {
      if (!enabled) {
        enabled = true;
        sinceMs = nowMs();
        calledOff = new AbortController();
        logger.info({ event: 'switched_on' }, 'Bots are switched on');
      }
      return status();
    },
    async off() {
      if (enabled) {
        enabled = false;
        sinceMs = nowMs();
        calledOff.abort();
        logger.info({ event: 'switched_off' }, 'Bots are switched off');
      }
      await Promise.all([...active.values()].map(({ ended }) => ended));
      return status();
    },
    async look() {
      if (!enabled) return;
      const [sales] = await Promise.all([feed.list(), feed.readClock()]);
      // Switched off meanwhile, or nobody answered: another look follows.
      if (!enabled || !sales) return;
      for (const [saleId, closesAtMs] of played)
        if (closesAtMs < nowMs() - forgetAfterMs) played.delete(saleId);
      for (const sale of sales) if (isOurs(sale)) send(sale);
    },
  };
}

const forgetAfterMs = 3_600_000;
