import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { ErrorBody } from '@onsale/contracts/http/error-body';
import { holdRoute } from '@onsale/contracts/http/public-routes';
import { createBatcher } from '@onsale/platform/batcher';
import { createDynamoDb } from '@onsale/platform/dynamodb';
import { createLogger } from '@onsale/platform/logger';
import { createRedis } from '@onsale/platform/redis';
import { ScriptCommand, scriptHead, ScriptKeys } from '@onsale/platform/script-command';
import { roomTokenKeys } from '@onsale/public-api/room-token-keys';
import { createRoomTokens } from '@onsale/waiting-room/room-token';
import { fastify } from 'fastify';

/** What this child is given as its argument. */
export interface HoldByHandSettings {
  readonly redisUrl: string;
  readonly dynamodbEndpoint: string;
  readonly lockTable: string;
  readonly roomTokenSecret: string;
}

// What a hold costs its process at least, by the cheapest ways found to each: the route's schemas, its token, two scripts of
// Redis one after the other, a lock item awaited in a full BatchWriteItem. Nothing is decided, counted, logged or undone.
// Sends {port} when it serves.
const settings = JSON.parse(process.argv[2]!) as HoldByHandSettings;
const { redisUrl, dynamodbEndpoint, lockTable, roomTokenSecret } = settings;

const redis = createRedis({ url: redisUrl, cluster: false }, createLogger('hold-by-hand', 'error'));
const dynamodb = createDynamoDb({ region: 'ap-northeast-1', endpoint: dynamodbEndpoint });
const tokens = createRoomTokens(roomTokenKeys([roomTokenSecret]));

const locks = createBatcher<{ holdId: string; owner: string; seatId: string }, void>({
  maxItems: 25,
  lingerMs: 2,
  busyLingerMs: 8,
  maxConcurrent: 8,
  async flush(items) {
    const expiresAtMs = Date.now() + 600_000;
    const written = items.map(({ holdId, owner, seatId }) => ({
      PutRequest: {
        Item: {
          pk: { S: 'bench-by-hand.0#S0#1' },
          sk: { S: holdId },
          state: { S: 'held' },
          seats: { S: seatId },
          owner: { S: owner },
          fence: { N: '1234' },
          expiresAtMs: { N: String(expiresAtMs) },
          ttl: { N: String(Math.ceil(expiresAtMs / 1000)) },
        },
      },
    }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [lockTable]: written } }));
    return items.map(() => ({ status: 'fulfilled', value: undefined }));
  },
});

await new Promise((resolve) => redis.once('ready', resolve));
// As many keys, arguments and answers as the two scripts of a hold have, and some of their time: with scripts that answer at once
// this process needs a quarter less.
const script = `local n = 0 for i = 1, 3000 do n = n + i end return {'held', {}, '1234', ARGV[1], '7', '42', ARGV[2]}`;
const sha = String(await redis.script('LOAD', script));
const capHead = scriptHead(sha, 1, 7);
const holdHead = scriptHead(sha, 6, 9);
const capKeys = new ScriptKeys(['{bench-by-hand.0:c1}:caps']);
const holdKeys = new ScriptKeys(
  ['header', 'seats', 'holds', 'expiries', 'pending', 'free'].map((name) => `{bench-by-hand.0:S0}:${name}`),
);

const app = fastify();
app.addSchema(ErrorBody);
let lastId = 0;
app.route({
  method: holdRoute.method,
  url: holdRoute.url,
  schema: holdRoute.schema,
  handler: async (request) => {
    const { seatId } = request.body as { seatId: string };
    const verified = tokens.verify(String(request.headers['x-room-token']));
    if (verified.outcome !== 'valid') throw new Error('a token of another key');
    const { userId } = verified.token;
    const holdId = `AA${String(++lastId).padStart(16, '0')}`;
    const expiresAtMs = String(Date.now() + 600_000);
    await redis.sendCommand(
      new ScriptCommand(capHead, sha, capKeys, [userId, expiresAtMs, holdId, 1, 4, 600_000, 0]),
    );
    await redis.sendCommand(
      new ScriptCommand(holdHead, sha, holdKeys, [
        ...[sha, holdId, userId, expiresAtMs, expiresAtMs, expiresAtMs],
        ...[seatId, 0, 0],
      ]),
    );
    await locks.add({ holdId, owner: userId, seatId });
    return { holdId, expiresAt: new Date(Number(expiresAtMs)).toISOString(), seatIds: [seatId] };
  },
});

await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
process.send?.({ port: (app.server.address() as { port: number }).port });
process.on('disconnect', () => process.exit(0));
