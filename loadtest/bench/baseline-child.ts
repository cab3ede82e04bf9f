import { ErrorBody } from '@onsale/contracts/http/error-body';
import { commitRoute, paymentIntentRoute } from '@onsale/contracts/http/confirm-routes';
import { enterRoute, holdRoute, roomStatusRoute, summaryRoute } from '@onsale/contracts/http/public-routes';
import type { RouteContract } from '@onsale/contracts/http/route-contract';
import { fastify } from 'fastify';

// What HTTP alone costs: the very routes, validated and serialized by the same schemas, that answer a constant. Sends
// {port} when it serves.
const app = fastify();
app.addSchema(ErrorBody);

const answers: readonly (readonly [RouteContract, number, object])[] = [
  [
    roomStatusRoute,
    200,
    { ready: false, leftSec: 1800, position: 4321, drawn: true, pollAfterSec: 12.3, admission: 'open' },
  ],
  [
    summaryRoute,
    200,
    { event: 'bench-small', section: 'A', seatsAvailable: 480, updatedAt: '2026-01-01T00:00:00.000Z' },
  ],
  [
    enterRoute,
    200,
    {
      roomToken: 'x'.repeat(110),
      position: 0,
      etaSec: 0,
      drawn: true,
      saleId: 'bench-large.0',
      joinIndex: 1234,
      opensAt: '2026-01-01T00:00:00.000Z',
      closesAt: '2026-01-02T00:00:00.000Z',
      pollAfterSec: 12.3,
    },
  ],
  [holdRoute, 200, { holdId: 'x'.repeat(18), expiresAt: '2026-01-01T00:00:00.000Z', seatIds: ['R1C1'] }],
  [paymentIntentRoute, 201, { intentId: `pi_${'x'.repeat(36)}`, amount: 1000, currency: 'KRW' }],
  [commitRoute, 202, { accepted: true, status: 'PROCESSING', idem: 'commit-00000000' }],
];
for (const [{ method, url, schema }, status, answer] of answers) {
  app.route({
    method,
    url: url.replace(/\{(\w+)\}/g, ':$1'),
    schema: schema,
    handler: async (_request, reply) => reply.code(status).send(answer),
  });
}
// The empty GET that a body of any size is measured by.
app.get('/empty', async () => ({ ok: true }));

await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
process.send?.({ port: (app.server.address() as { port: number }).port });
process.on('disconnect', () => process.exit(0));
