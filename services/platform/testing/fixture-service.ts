// A small service for the tests of run-service: started as a process of its own, told by its environment how to behave.
import { httpEnv, processEnv } from '@onsale/contracts/env/common';
import { Type } from 'typebox';
import { createHttpApp } from '../http/create-http-app.ts';
import { runService } from '../run-service.ts';

const FixtureEnv = Type.Object({
  ...processEnv,
  PORT: httpEnv.PORT,
  ADMIN_TOKEN: httpEnv.ADMIN_TOKEN,
  KEEP_ALIVE_TIMEOUT_MS: httpEnv.KEEP_ALIVE_TIMEOUT_MS,
  NEEDED: Type.String({ description: 'Something without a default' }),
  FAIL_START: Type.Optional(Type.String({ description: 'Fail while starting' })),
  HANG_STOP: Type.Optional(Type.String({ description: 'Never finish a step of the shutdown' })),
});

await runService({
  name: 'fixture',
  schema: FixtureEnv,
  async start({ config, logger, internal, onStop }) {
    let stepsRun = 0;
    onStop('first started', () => logger.info({ event: 'step', step: 'first started', turn: ++stepsRun }));
    onStop('failing', () => {
      throw new Error('this step fails');
    });
    onStop('last started', () => logger.info({ event: 'step', step: 'last started', turn: ++stepsRun }));
    if (config.HANG_STOP) onStop('hanging', () => new Promise((resolve) => setTimeout(resolve, 60_000)));
    if (config.FAIL_START) throw new Error('no engine');
    internal.addChecks({ always: async () => 'well' });
    internal.app.get('/admin/whoami', async () => ({ admin: true }));
    const app = createHttpApp({ logger, keepAliveTimeoutMs: config.KEEP_ALIVE_TIMEOUT_MS });
    app.get('/pid', async () => ({ pid: process.pid }));
    app.get('/slow/:ms', async (request) => {
      const { ms } = request.params as { ms: string };
      await new Promise((resolve) => setTimeout(resolve, Number(ms)));
      return { pid: process.pid };
    });
    app.get('/crash', async () => {
      setImmediate(() => {
        throw new Error('nobody catches this');
      });
      return {};
    });
    app.get('/forgotten', async () => {
      void Promise.reject(new Error('nobody awaits this'));
      return {};
    });
    return { app };
  },
});
