import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
const c = new DynamoDBClient({
  region: 'ap-northeast-1',
  endpoint: 'http://127.0.0.1:1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
const cfg: any = c.config;
console.log(Object.keys(cfg).join(' '));
const signer = await cfg.signer({
  schemeId: 'aws.auth#sigv4',
  name: 'sigv4',
  signingName: 'dynamodb',
  signingRegion: 'ap-northeast-1',
  properties: {},
});
console.log(signer.constructor.name);
const rs = await cfg.retryStrategy();
console.log(rs.constructor.name);
console.log(await cfg.endpoint?.());
const body = JSON.stringify({
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
});
console.log(body.length);
const { HttpRequest } = (await import('@smithy/core/protocols' as string).catch(() => ({
  HttpRequest: undefined,
}))) as any;
const mk = () => ({
  method: 'POST',
  protocol: 'http:',
  hostname: '127.0.0.1',
  port: 1,
  path: '/',
  query: {},
  headers: {
    host: '127.0.0.1:1',
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
  },
  body,
});
const time = async (n: string, f: () => any) => {
  for (let i = 0; i < 2000; i++) await f();
  const t = process.cpuUsage();
  for (let i = 0; i < 5000; i++) await f();
  const d = process.cpuUsage(t);
  console.log(n, ((d.user + d.system) / 5000).toFixed(1));
};
await time('smithy sign', () =>
  signer.sign(mk(), { signingRegion: 'ap-northeast-1', signingService: 'dynamodb' }),
);
await time('sha256 body', () => createHash('sha256').update(body).digest('hex'));
await time('credentials', () => cfg.credentials());
