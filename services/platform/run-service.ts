import type { processEnv } from '@onsale/contracts/env/common';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Static, TObject } from 'typebox';
import { type Config, loadConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { drainApp } from './http/drain-app.ts';
import type { HttpApp } from './http/register-route.ts';
import { createInternalServer, type InternalServer } from './internal-server.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { flushTraces } from './trace-context.ts';

type ProcessConfig = Static<TObject<typeof processEnv>> & {
  readonly PORT?: number;
  readonly ADMIN_TOKEN?: string;
};

/** What a service is built with. */
export interface ServiceContext<ServiceConfig> {
  readonly config: ServiceConfig;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Add readiness checks and admin routes here. */
  readonly internal: InternalServer;
  /** A step of the end, run after the public app has answered its last request; what was started last ends first. */
  onStop(name: string, step: () => unknown): void;
}

export interface ServiceDefinition<Schema extends TObject> {
  readonly name: string;
  readonly schema: Schema;
  /** Connects engines, starts what runs by itself, and builds the public app if there is one; the app is not yet listening. */
  start(context: ServiceContext<Config<Schema>>): Promise<{ readonly app?: HttpApp }>;
  /** Default: the process's own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a process from its first line to its exit code: the only way a `main.ts` starts.
 *
 * Start: settings, logger, `start`, internal port, public port, *serving*.
 *
 * End, on SIGTERM, SIGINT or a vanished parent: `/readyz` fails; the process goes on serving for PRE_STOP_DELAY_MS, so
 * that the load balancer notices; answers carry `connection: close`; the port is closed and requests under way are
 * answered; then the steps of `onStop` run and the process exits 0, at the latest SHUTDOWN_LIMIT_MS after the delay,
 * with 1 then. An error nobody caught is logged, drained for without the delay, and exits 1.
 */
export async function runService<Schema extends TObject>(
  definition: ServiceDefinition<Schema>,
): Promise<void> {
  const { name } = definition;
  let config: Config<Schema> & ProcessConfig;
  try {
    config = loadConfig(definition.schema, definition.env) as Config<Schema> & ProcessConfig;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exitCode = 1;
    return;
  }
  const logger = createLogger(name, config.LOG_LEVEL);
  const metrics = createMetrics(name);
  const internal = createInternalServer({ logger, metrics, adminToken: config.ADMIN_TOKEN });
  const steps: { name: string; step: () => unknown }[] = [];
  let app: HttpApp | undefined;

  const stop = async (preStopDelayMs: number) => {
    internal.setState('draining');
    await delay(preStopDelayMs);
    if (app) await drainApp(app);
    for (const { name: step, step: run } of steps.splice(0).reverse()) {
      try {
        await run();
      } catch (error) {
        // The other steps still have something to save.
        logger.error({ event: 'stop_step_failed', step, err: error }, 'A step of the shutdown failed');
      }
    }
    await flushTraces();
    await internal.app.close();
  };

  const grace = closeWithGrace(
    {
      delay: config.PRE_STOP_DELAY_MS + config.SHUTDOWN_LIMIT_MS,
      logger: false,
      onTimeout: (afterMs: number) =>
        logger.fatal(
          { event: 'shutdown_timeout', afterMs, left: steps.map((step) => step.name) },
          'Gave up waiting',
        ),
    },
    async ({ signal, err }) => {
      if (err) logger.fatal({ event: 'crashed', err }, 'An error nobody caught');
      else logger.info({ event: 'stopping', signal: signal ?? 'asked' }, 'Stopping');
      await stop(err ? 0 : config.PRE_STOP_DELAY_MS);
      logger.info({ event: 'stopped' }, 'Stopped');
    },
  );
  // The local runner holds the other end: when it is gone, so is the reason to run.
  if (process.connected) process.once('disconnect', () => grace.close());

  try {
    ({ app } = await definition.start({
      config,
      logger,
      metrics,
      internal,
      onStop: (step, run) => steps.push({ name: step, step: run }),
    }));
    await internal.app.listen({ host: config.HOST, port: config.INTERNAL_PORT });
    // At the opening second connections arrive faster than they are taken.
    await app?.listen({ host: config.HOST, port: config.PORT ?? 0, backlog: 4096 });
  } catch (error) {
    grace.uninstall();
    logger.fatal({ event: 'start_failed', err: error }, 'Could not start');
    setTimeout(() => process.exit(1), config.SHUTDOWN_LIMIT_MS).unref();
    await stop(0);
    process.exit(1);
  }
  internal.setState('serving');
  logger.info(
    {
      event: 'serving',
      ...(app ? { port: portOf(app) } : {}),
      internalPort: portOf(internal.app),
    },
    'Serving',
  );
}

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function portOf(app: HttpApp): number | undefined {
  const address = app.server.address();
  return typeof address === 'object' ? address?.port : undefined;
}
