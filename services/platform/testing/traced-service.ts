// For the tests of tracing: preloaded with tracing.ts, it either serves one route or works on one message.
import { pino } from 'pino';
import { createHttpApp } from '../http/create-http-app.ts';
import { currentTraceparent, flushTraces, inSpan, withRemoteParent } from '../trace-context.ts';

const role = process.argv[2];
if (role === 'api') {
  const app = createHttpApp({ logger: pino({ level: 'silent' }) });
  app.post('/confirm/commit/:userId', async () => {
    await inSpan('write lock items', async () => undefined);
    return { traceparent: currentTraceparent() ?? null };
  });
  app.get('/confirm/health', async () => ({ ok: true }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  process.send!({ port: typeof address === 'object' ? address?.port : undefined });
  process.once('message', () => {
    void app
      .close()
      .then(flushTraces)
      .then(() => process.exit(0));
  });
} else {
  const work = async ({ traceparent }: { traceparent?: string }) => {
    const seen = await withRemoteParent(
      traceparent,
      'confirm order',
      async () => currentTraceparent() ?? null,
    );
    await withRemoteParent(traceparent, 'failing order', async () => {
      throw new Error('poison');
    }).catch(() => undefined);
    await flushTraces();
    process.send!({ traceparent: seen });
    process.disconnect();
  };
  process.once('message', (message) => void work(message as { traceparent?: string }));
  process.send!('ready');
}
