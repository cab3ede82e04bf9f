import { BotsEnv } from '@onsale/contracts/env/bots';
import { botUserIdPrefix } from '@onsale/contracts/sale/bot-user-id';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import { runService } from '@onsale/platform/run-service';
import { drawArrivalMs } from './behaviour/draw-arrival.ts';
import { createSaleFeed } from './client/sale-feed.ts';
import { createWire } from './client/wire.ts';
import { playSale } from './play/play-sale.ts';
import { behaviourOf } from './practice/behaviour-of.ts';
import { createBotMetrics } from './practice/bot-metrics.ts';
import { registerBotsRoutes } from './practice/bots-routes.ts';
import { createDirector, type Director } from './practice/director.ts';

const lookEveryMs = 1000;
const settleWithinMs = 60_000;
const tokenTtlSeconds = 3600;

await runService({
  name: 'bots',
  schema: BotsEnv,
  async start({ config, logger, metrics, internal, onStop }) {
    const behaviour = behaviourOf(config);
    const base = config.API_BASE.replace(/\/$/, '');
    const key = config.LOCAL_JWT_KEY;
    const told = createBotMetrics(metrics, {
      active: () => director.status().active,
      enabled: () => director.status().enabled,
    });
    const wire = createWire((exchange) => told.onExchange(exchange));
    onStop('connections', () => wire.close());
    const feed = createSaleFeed(wire, base);

    const director: Director = createDirector({
      feed,
      perRound: config.BOTS_COUNT,
      eventIds: config.BOTS_EVENTS,
      enabled: config.BOTS_ENABLED,
      logger,
      onFinished: ({ outcome }) => told.finished(outcome),
      play: (sale, signal, onResult) =>
        playSale({
          sale,
          signal,
          onResult,
          count: config.BOTS_COUNT,
          seed: config.BOTS_SEED,
          behaviour,
          userIdOf: (index) => `${botUserIdPrefix}${String(index + 1).padStart(3, '0')}`,
          arrivalMsOf: (_index, random) =>
            drawArrivalMs(random, 1000 * config.BOTS_ARRIVE_BEFORE_SEC, 4 * config.BOTS_REACTION_MS),
          wire,
          base,
          simulatorUrl: config.PAYMENT_SIMULATOR_URL?.replace(/\/$/, ''),
          bearerTokenOf: key
            ? (userId) => issueLocalToken({ userId, roles: ['buyer'], key, ttlSeconds: tokenTtlSeconds })
            : undefined,
          settleWithinMs,
          nowMs: () => feed.nowMs(),
        }),
    });
    registerBotsRoutes(internal.app, director);

    let looking: Promise<void> | undefined;
    const timer = setInterval(() => {
      // One look at a time: the services may be slow just then.
      looking ??= director.look().finally(() => (looking = undefined));
    }, lookEveryMs);
    onStop('bots', async () => {
      clearInterval(timer);
      await director.off();
      await looking;
    });
    return {};
  },
});
