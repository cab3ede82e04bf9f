import { fastify } from 'fastify';
import { summaryRoute } from '@onsale/contracts/http/public-routes';
import { ErrorBody } from '@onsale/contracts/http/error-body';
const variant = process.argv[2]!;
const answer = {
  event: 'bench-small-a',
  section: 'S0',
  seatsAvailable: 480,
  updatedAt: '2026-01-01T00:00:00.000Z',
};
const has = (x: string) => variant.split('+').includes(x);
let app: any;
const pl = (p: string) => import('../../services/platform/' + p);
if (has('plain')) {
  app = fastify();
  app.addSchema(ErrorBody);
} else {
  const { createHttpApp } = await pl('http/create-http-app.ts');
  const { createLogger } = await pl('logger.ts');
  const logger = createLogger('x', 'info');
  const { createMetrics } = await pl('metrics.ts');
  const registry = createMetrics('x');
  app = createHttpApp({ logger });
  if (has('metrics')) (await pl('http/http-metrics.ts')).registerHttpMetrics(app, registry);
  if (has('shed'))
    (await pl('http/shedding.ts')).registerShedding(app, {
      maxEventLoopDelayMs: 10000,
      maxEventLoopUtilisation: 0,
      registry,
    });
  if (has('limits'))
    (await pl('http/request-limits.ts')).registerRequestLimits(app, {
      perBuyer: 300,
      perAddress: 0,
      windowSeconds: 10,
      registry,
    });
}
const { method, url, schema } = summaryRoute as any;
app.route({
  method,
  url: url.replace(/\{(\w+)\}/g, ':$1'),
  schema,
  handler: has('hdr')
    ? async (_r: any, reply: any) => await reply.header('cache-control', 'public, max-age=1').send(answer)
    : has('iso')
      ? async (_r: any, reply: any) =>
          await reply
            .header('cache-control', 'public, max-age=1')
            .send({ ...answer, updatedAt: new Date(1700000000000).toISOString() })
      : async () => answer,
});
await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
process.send!({ port: app.server.address().port });
process.on('disconnect', () => process.exit(0));
