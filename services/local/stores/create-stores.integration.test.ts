import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { testEngines } from '../test-engines.ts';

t.setTimeout(120_000);
const run = promisify(execFile);
const entry = fileURLToPath(new URL('main.ts', import.meta.url));

t.test('a cluster’s Job makes table and queues, and finds them when it runs again', async (t) => {
  const { dynamodbEndpoint, sqsEndpoint } = await testEngines(t, { needs: ['dynamodb', 'sqs'] });
  const env = {
    DYNAMODB_ENDPOINT: dynamodbEndpoint,
    SQS_ENDPOINT: sqsEndpoint,
    LOCK_TABLE: `stores-of-a-test-${process.pid}`,
    COMMIT_QUEUE: `stores-of-a-test-${process.pid}`,
  };
  const made = async () => {
    const { stdout } = await run(process.execPath, [entry], { env });
    const { event, queueUrl, dlqUrl } = JSON.parse(stdout) as Record<string, string>;
    t.equal(event, 'stores_made', stdout);
    return { queueUrl, dlqUrl };
  };
  const first = await made();
  t.match(first, { queueUrl: /-test-\d+\.fifo$/, dlqUrl: /-test-\d+-dlq\.fifo$/ });
  t.strictSame(await made(), first);
});

t.test('without an emulator’s address it makes nothing in anybody’s account', async (t) => {
  await t.rejects(run(process.execPath, [entry], { env: {} }), /DYNAMODB_ENDPOINT is missing/);
});
