import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import t, { type Test } from 'tap';
import { freePort } from '@onsale/local/engines/free-port';
import { createSqs } from '@onsale/platform/sqs';
import { Buyer, call, until } from './buyer.ts';

t.setTimeout(300_000);

const script = fileURLToPath(new URL('../local/start.ts', import.meta.url));

interface Runner {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** `npm start` without npm, in a process of its own. */
const start = (t: Test, ...args: string[]): Runner => run(t, process.execPath, script, ...args);

function run(t: Test, command: string, ...args: string[]): Runner {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  }
  const end = async (signal?: NodeJS.Signals) => {
    if (signal && child.exitCode === null) child.kill(signal);
    return (await exited)[0];
  };
  t.teardown(() => end('SIGINT'));
  return { child, output: () => text, end };
}

const isUp = (runner: Runner) =>
  until('the runner is up', 60_000, async () => runner.output().includes('Up in'));

const cli = fileURLToPath(new URL('../local/onsale.ts', import.meta.url));

const redriveDryRun = (dir: string) =>
  JSON.parse(
    execFileSync(process.execPath, [cli, '--dir', dir, 'redrive', '--dry-run'], { encoding: 'utf8' }),
  );

/** Sends what no worker can read, and waits until it is put away. */
async function sendPoison(dir: string): Promise<void> {
  const { engines } = JSON.parse(await readFile(join(dir, 'running.json'), 'utf8'));
  const sqs = createSqs({ region: 'ap-northeast-1', endpoint: engines.sqsEndpoint });
  const urlOf = async (name: string) =>
    (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
  const queueUrl = await urlOf('onsale-commits.fifo');
  const dlqUrl = await urlOf('onsale-commits-dlq.fifo');
  const once = { MessageGroupId: 'poison', MessageDeduplicationId: 'poison' };
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: '{}', ...once }));
  await until('the worker to put it away', 60_000, async () => {
    const asked = { QueueUrl: dlqUrl, AttributeNames: ['ApproximateNumberOfMessages' as const] };
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand(asked));
    return Attributes?.['ApproximateNumberOfMessages'] === '1';
  });
  sqs.destroy();
}

/** Command lines of all processes that name the directory: services and engines do. */
const processesOf = (dir: string) =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(dir) && !line.includes('ps -eo'));

t.test('starts, tells a second one where it is, keeps what was bought, leaves nothing', async (t) => {
  const dir = join(t.testdir(), 'state');
  const port = await freePort();
  const args = ['--port', String(port), '--dir', dir, '--keep'];
  const base = `http://127.0.0.1:${port}`;

  const first = start(t, ...args);
  await isUp(first);
  const second = start(t, ...args);
  t.equal(await second.end(), 1);
  t.match(second.output(), `Already running at ${base}`);

  await sendPoison(dir);
  t.match(redriveDryRun(dir), { poison: 1 });
  t.match(redriveDryRun(dir), { poison: 1 }, 'looking changes nothing');

  const buyer = new Buyer(base, 'event-0001', 'alice');
  await buyer.awaitTurn(30_000);
  const { order } = await buyer.buy(['R1C1']);
  t.equal(order.status, 'CONFIRMED');
  t.equal(await first.end('SIGINT'), 130);
  t.match(first.output(), 'nothing is left running');
  t.same(processesOf(dir), []);

  const again = start(t, ...args);
  await isUp(again);
  t.match(redriveDryRun(dir), { poison: 1 }, 'kept as well');
  const orders = await call(base, 'GET', '/confirm/orders?userId=alice');
  t.match(orders.body.orders, [{ orderId: order.orderId, status: 'CONFIRMED' }]);
  await until('the seat is still sold', 60_000, async () => {
    const map = await call(base, 'GET', '/public/seats/event-0001');
    return map.body.sections[0].seats.startsWith('sf');
  });
  t.equal(await again.end('SIGTERM'), 0);
  t.same(processesOf(dir), []);
});

t.test('whoever ends npm ends the sale', async (t) => {
  const dir = join(t.testdir(), 'state');
  const port = String(await freePort());
  const npm = run(t, 'npm', 'start', '--', '--port', port, '--dir', dir);
  await isUp(npm);
  t.not(processesOf(dir).length, 0);
  await npm.end('SIGTERM');
  await until('it to say so', 60_000, async () => npm.output().includes('nothing is left running'));
  await until('nothing to be left', 60_000, async () => processesOf(dir).length === 0);
});

t.test('what is in the way is named', async (t) => {
  const dir = join(t.testdir(), 'state');
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;

  const taken = start(t, '--port', String(port), '--dir', dir);
  t.equal(await taken.end(), 1);
  t.match(taken.output(), `Port ${port} is taken by another program`);

  const missing = start(t, 'no-such-event.yaml', '--port', String(await freePort()), '--dir', dir);
  t.equal(await missing.end(), 1);
  t.match(missing.output(), 'Cannot read no-such-event.yaml');
  t.same(processesOf(dir), []);
});
