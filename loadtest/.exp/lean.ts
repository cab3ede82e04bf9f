import { DynamoDBClient, BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { createDirectAwsCalls } from '../../services/platform/direct-aws-calls.ts';
import { startInstantStub } from '../bench/instant-stub.ts';
const stub = await startInstantStub();
const c = new DynamoDBClient({
  region: 'ap-northeast-1',
  endpoint: stub.url,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const input = {
  RequestItems: {
    t: Array.from({ length: 25 }, (_, i) => ({
      PutRequest: {
        Item: {
          pk: { S: 'bench-large.0#S1#' + i },
          sk: { S: 'x'.repeat(18) },
          state: { S: 'held' },
          seats: { S: 'R1C1' },
          owner: { S: 'buyer-000000000000000000000001' },
          fence: { N: '4294967300' },
          expiresAtMs: { N: '1790000000000' },
          ttl: { N: '1790000000' },
        },
      },
    })),
  },
};
const direct = createDirectAwsCalls(c as any, {
  target: 'DynamoDB_20120810',
  signingName: 'dynamodb',
  requestTimeoutMs: 2000,
  maxConnections: 64,
});
console.log(await direct.call('BatchWriteItem', input));
const time = async (n: string, f: () => any) => {
  for (let r = 0; r < 2; r++) {
    const N = 1500;
    const t = process.cpuUsage();
    for (let i = 0; i < N; i += 8) await Promise.all(Array.from({ length: 8 }, f));
    const d = process.cpuUsage(t);
    if (r) console.log(n, ((d.user + d.system) / N).toFixed(1), 'us per call');
  }
};
for (let i = 0; i < 2; i++) {
  await time('sdk', () => c.send(new BatchWriteItemCommand(input)));
  await time('sdk+signal', () =>
    c.send(new BatchWriteItemCommand(input), { abortSignal: AbortSignal.timeout(1500) }),
  );
  await time('direct', () => direct.call('BatchWriteItem', input));
  await time('direct+signal', () => direct.call('BatchWriteItem', input, AbortSignal.timeout(1500)));
  await time('stringify', () => JSON.stringify(input));
}
await direct.close();
c.destroy();
await stub.child.stop();
