import underPressure from '@fastify/under-pressure';
import { Counter, type Registry } from 'prom-client';
import { ApiError } from './api-error.ts';
import type { HttpApp } from './register-route.ts';

export interface SheddingOptions {
  /** Mean event-loop delay above which requests are refused; 0 for no limit. */
  readonly maxEventLoopDelayMs: number;
  /** Share of busy time, 0 to 1, above which requests are refused; 0 for no limit. */
  readonly maxEventLoopUtilisation: number;
  readonly registry?: Registry;
  /** How often the load is measured, milliseconds. Default 500. */
  readonly sampleIntervalMs?: number;
}

/**
 * Tells whether the event loop cannot keep up, and has the app refuse requests with 503 overloaded and Retry-After while the event loop cannot keep up: a request refused in
 * microseconds costs its buyer a second, one that queues costs everybody. Health answers go on: a busy process is no
 * dead one.
 */
export function registerShedding(app: HttpApp, options: SheddingOptions): () => boolean {
  const { maxEventLoopDelayMs, maxEventLoopUtilisation, registry } = options;
  if (maxEventLoopDelayMs === 0 && maxEventLoopUtilisation === 0) return () => false;
  const shed =
    registry &&
    new Counter({
      name: 'onsale_http_requests_shed_total',
      help: 'Requests refused with 503 overloaded because the event loop could not keep up',
      registers: [registry],
    });
  const sampleIntervalMs = options.sampleIntervalMs ?? 500;
  let settled = false;
  app.addHook('onReady', async () => {
    setTimeout(() => {
      settled = true;
    }, samplesOfStart * sampleIntervalMs).unref();
  });
  let cannotKeepUp = () => false;
  const isUnderPressure = () => cannotKeepUp() && settled;
  // In a scope without routes: asked on every request, its own hook reads the route's settings, the question here nothing.
  app.register(async (scope) => {
    await scope.register(underPressure, {
      maxEventLoopDelay: maxEventLoopDelayMs,
      maxEventLoopUtilization: maxEventLoopUtilisation,
      // The default compares with the whole life of the process, where a burst disappears.
      eventLoopUtilizationMode: 'interval',
      sampleInterval: sampleIntervalMs,
    });
    cannotKeepUp = () => scope.isUnderPressure();
  });
  app.addHook('onRequest', (request, _reply, done) => {
    if (!isUnderPressure() || request.url.endsWith('/health')) {
      done();
      return;
    }
    shed?.inc();
    done(overloaded);
  });
  return isUnderPressure;
}

/** Loading modules blocks the event loop too: a new replica would refuse its first buyers for that. */
const samplesOfStart = 3;

/** One for all: under pressure not even a stack trace is affordable. */
const overloaded = new ApiError('overloaded', 'Too many requests just now; try again', { retryAfterSec: 1 });
