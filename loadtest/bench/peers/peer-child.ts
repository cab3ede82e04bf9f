import { ErrorBody } from '@onsale/contracts/http/error-body';
import { holdRoute } from '@onsale/contracts/http/public-routes';
import { fastify } from 'fastify';
import { createConditionalPutPeer } from './conditional-put.ts';
import { createEventLockPeer } from './event-lock.ts';
import { holdMs, type PeerStores } from './peer.ts';
import { createRowLockPeer } from './row-lock.ts';

const designs = {
  'event lock': createEventLockPeer,
  'conditional put': createConditionalPutPeer,
  'row lock': createRowLockPeer,
};

export type PeerDesign = keyof typeof designs;

/** What this child is given as its argument. */
export interface PeerSettings {
  readonly design: PeerDesign;
  readonly stores: PeerStores;
}

/** What it is told, each answered with `{}`. */
export interface PeerOpening {
  readonly eventId: string;
  readonly seatIds: readonly string[];
}

// A seat hold of another design behind the very route that ours is behind, checked and serialized by the same schemas. It
// knows no waiting room and no limit of seats per buyer: the room token only names the buyer. Sends {port} when it serves.
const { design, stores } = JSON.parse(process.argv[2]!) as PeerSettings;
const peer = designs[design](stores);

const app = fastify();
app.addSchema(ErrorBody);
app.route<{ Body: { eventId: string; seatId: string }; Headers: Record<string, string> }>({
  method: 'POST',
  url: holdRoute.url,
  schema: holdRoute.schema,
  handler: async ({ body: { eventId, seatId }, headers }, reply) => {
    const outcome = await peer.hold(eventId, seatId, headers['x-room-token'] ?? '');
    if (outcome === 'taken')
      return reply.code(409).send({ error: 'seat_taken', message: 'Somebody has this seat' });
    return reply.send({
      holdId: `${eventId}-${seatId}`,
      expiresAt: new Date(Date.now() + holdMs).toISOString(),
      seatIds: [seatId],
    });
  },
});

process.on('message', ({ eventId, seatIds }: PeerOpening) => {
  void peer.open(eventId, seatIds).then(() => process.send?.({}));
});
process.on('disconnect', () => process.exit(0));
await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
process.send?.({ port: (app.server.address() as { port: number }).port });
