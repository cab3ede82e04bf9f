import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import t from 'tap';
import { type AwsIdentity, createAwsSigner } from './sign-aws-call.ts';

const region = 'ap-northeast-1';
const signingName = 'dynamodb';
const host = 'dynamodb.ap-northeast-1.amazonaws.com';
const target = 'DynamoDB_20120810.BatchWriteItem';

/** What the SDK's own signer makes of the same call. */
async function bySdk(identity: AwsIdentity, body: string, date: Date): Promise<Record<string, string>> {
  const { config } = new DynamoDBClient({ region, credentials: { ...identity } as Required<AwsIdentity> });
  const signer = await config.signer({
    schemeId: 'aws.auth#sigv4',
    name: 'sigv4',
    signingName,
    signingRegion: region,
    properties: {},
  } as never);
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: host,
    path: '/',
    query: {},
    headers: { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
    body,
  };
  const signed = await signer.sign(request, { signingDate: date });
  return (signed as unknown as { headers: Record<string, string> }).headers;
}

t.test('signatures are the SDK’s, also after a new day and with new credentials', async (t) => {
  const sign = createAwsSigner({ region, signingName, host });
  const lasting = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY' };
  const short = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'another/secret',
    sessionToken: 'a+token/of=role',
  };
  const evening = new Date('2030-01-31T23:59:59.999Z');
  const morning = new Date('2030-02-01T00:00:00.000Z');
  for (const [identity, date, body] of [
    [lasting, evening, '{}'],
    [lasting, morning, '{"seats":"R1C1"}'],
    [short, morning, '{"name":"한 ü"}'],
    [{ ...short, secretAccessKey: 'refreshed' }, morning, '{}'],
    [lasting, evening, '{}'],
  ] as const) {
    t.same(sign({ target, body, identity, date }), await bySdk(identity, body, date));
  }
});
