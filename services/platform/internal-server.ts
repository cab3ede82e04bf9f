import { createHash, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { createHttpApp } from './http/create-http-app.ts';
import type { HttpApp } from './http/register-route.ts';
import { sendError } from './http/send-error.ts';
import type { ReadinessCheck } from './readiness-checks.ts';

export interface InternalServerOptions {
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Bearer token of everything below `/admin`; without one those routes answer 401. */
  readonly adminToken?: string | undefined;
}

/** How a check went, as /readyz tells it. */
export interface CheckState {
  readonly ok: boolean;
  readonly elapsedMs: number;
  readonly problem?: string;
}

/** The port the platform's own tools reach and buyers never do: health, readiness, metrics, administration. */
export interface InternalServer {
  /** Register routes below `/admin` here before listening; the token is checked before them. */
  readonly app: HttpApp;
  /** Adds checks that must pass for the process to be ready. */
  addChecks(checks: Readonly<Record<string, ReadinessCheck>>): void;
  /** Readiness from now on: a process begins unready, and a draining one is unready for good. */
  setState(state: 'starting' | 'serving' | 'draining'): void;
  /** Runs every check now. */
  check(): Promise<{ ready: boolean; state: string; checks: Record<string, CheckState> }>;
}

/**
 * Makes the app of the internal port: `/healthz` (200 while the event loop turns), `/readyz` (200 when serving and every
 * check passes, else 503; JSON with the state of each), `/metrics` (Prometheus text) and, behind the token, `/admin/…`.
 */
export function createInternalServer(options: InternalServerOptions): InternalServer {
  const { logger, metrics, adminToken } = options;
  // Ticket events of large venues are longer than what buyers may send.
  const app = createHttpApp({ logger, bodyLimitBytes: 1_048_576 });
  const checks = new Map<string, ReadinessCheck>();
  let state: 'starting' | 'serving' | 'draining' = 'starting';
  const passing = new Gauge({
    name: 'onsale_readiness_check_passing',
    help: '1 when the check passed at the last /readyz, else 0',
    labelNames: ['check'],
    registers: [metrics],
  });

  const check: InternalServer['check'] = async () => {
    const states = await Promise.all(
      [...checks].map(async ([name, one]) => [name, await runCheck(one)] as const),
    );
    for (const [name, { ok }] of states) passing.set({ check: name }, ok ? 1 : 0);
    return {
      ready: state === 'serving' && states.every(([, { ok }]) => ok),
      state,
      checks: Object.fromEntries(states),
    };
  };

  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const report = await check();
    return reply
      .code(report.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report);
  });
  app.get('/metrics', async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
  app.addHook('onRequest', (request, reply, done) => {
    // By the route that was found: an address can be written in more ways than one.
    const isAdmin = request.routeOptions.url?.startsWith('/admin') ?? false;
    if (!isAdmin || isToken(request.headers.authorization, adminToken)) done();
    else sendError(reply, 'unauthorized', 'Send the admin token: Authorization: Bearer <token>');
  });

  return {
    app,
    check,
    addChecks(more) {
      for (const [name, one] of Object.entries(more)) checks.set(name, one);
    },
    setState(next) {
      state = next;
    },
  };
}

/** Probes wait a second or two; an answer that says which check hangs is worth more than none. */
const checkDeadlineMs = 1000;

async function runCheck(check: ReadinessCheck): Promise<CheckState> {
  const startedMs = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedMs);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${checkDeadlineMs} ms`)), checkDeadlineMs);
  });
  try {
    await Promise.race([(async () => check())(), deadline]);
    return { ok: true, elapsedMs: elapsedMs() };
  } catch (error) {
    return {
      ok: false,
      elapsedMs: elapsedMs(),
      problem: error instanceof Error ? error.message || error.name : String(error),
    };
  } finally {
    clearTimeout(timer);
  }
}

/** Compares digests, which have one length, in a time that tells nothing. */
function isToken(authorization: string | undefined, token: string | undefined): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined || given === undefined) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
