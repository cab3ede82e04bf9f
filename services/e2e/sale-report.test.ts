import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { callAdmin } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import { issueLocalToken } from '@onsale/platform/identity/issue-local-token';
import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import t from 'tap';
import { Buyer, call, until } from './buyer.ts';
import { publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(400_000);

const root = resolve(import.meta.dirname, '../..');

t.test('a sale, its gate, its report, and its cancellation with refunds to all', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'onsale-report-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const stack = await startStack(t);
  const eventId = await publishEvent(stack, { opensInMs: 5000 });
  const admin = { url: stack.internalUrl('public-api'), token: localSecrets.adminToken };

  /** Runs the command line as people do; resolves however it ends. */
  const onsale = (...args: string[]) =>
    new Promise<{ code: number; output: string }>((done) => {
      const named = ['--admin', admin.url, '--admin-token', admin.token];
      const environment = {
        ...process.env,
        POSTGRES_URL: stack.engines.postgresUrl,
        REDIS_URL: stack.engines.redisUrl,
      };
      execFile(
        process.execPath,
        ['services/local/onsale.ts', ...named, ...args],
        { cwd: root, env: environment },
        (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      );
    });
  const status = () => callAdmin<SaleStatus>(admin, 'GET', `/admin/sales/${eventId}/status`);

  const buyers = Array.from({ length: 4 }, () => new Buyer(stack.url, eventId));
  await Promise.all(buyers.map((buyer) => buyer.awaitTurn()));
  const orders = await Promise.all(
    buyers.map(async (buyer, index) => (await buyer.buy([`R${index + 1}C1`])).order),
  );
  t.same(
    orders.map((order) => order.status),
    ['CONFIRMED', 'CONFIRMED', 'CONFIRMED', 'CONFIRMED'],
  );
  const cancelled = await call(stack.url, 'POST', `/confirm/orders/${orders[0].orderId}/cancel`, {
    body: { userId: buyers[0]!.userId },
  });
  t.equal(cancelled.status, 200);

  const codes = orders.map((order) => order.tickets[0].code as string);
  t.match(await onsale('gate', 'check', codes[1]!, '--event', eventId, '--gate', 'north'), {
    code: 0,
    output: /"admitted"/,
  });
  t.match(await onsale('gate', 'check', codes[1]!, '--gate', 'south'), {
    code: 1,
    output: /"already-admitted"[^]*"north"/,
  });
  t.match(await onsale('gate', 'check', codes[0]!), { code: 1, output: /"cancelled"/ });
  t.match(await onsale('gate', 'check', `${codes[2]!.slice(0, -2)}AA`), { code: 1, output: /"unknown"/ });

  await until('the figures of the sale', 60_000, async () => (await status()).refunds.sent === 1);
  t.match(await status(), {
    entered: 4,
    admitted: 4,
    paid: 4,
    confirmed: 3,
    cancelled: 1,
    queue: 0,
    refunds: { due: 0, sent: 1, failed: 0, sentAmount: orders[0].amount },
    capacity: { pods: [{ service: 'confirm-api', live: 1 }, {}, { service: 'public-api', live: 1 }] },
  });

  const written = await onsale('report', eventId, '--out', dir);
  t.match(written, { code: 0, output: /Digest, to be kept elsewhere: [0-9a-f]{64}/ });
  t.match(await onsale('report', 'verify', dir), { code: 0, output: /The report holds/ });
  const page = await readFile(join(dir, 'report.html'), 'utf8');
  for (const buyer of buyers) t.notMatch(page, buyer.userId);
  for (const name of ['places', 'payments']) {
    const file = join(dir, 'data', `${name}.ndjson`);
    const text = await readFile(file, 'utf8');
    for (const buyer of buyers) t.notMatch(text, buyer.userId, 'nobody is named');
    await writeFile(
      file,
      text.replace(/\d(?=\D*\n)/, (digit) => String((Number(digit) + 1) % 10)),
    );
    const verified = await onsale('report', 'verify', dir);
    t.match(verified, { code: 1, output: new RegExp(`FAILED {2}files[^]*data/${name}.ndjson was changed`) });
    await writeFile(file, text);
  }

  const unseated = await publishEvent(stack, { generalAdmission: { capacity: 100, price: 55_000 } });
  const rosa = { userId: 'rosa', roles: ['buyer'], key: localSecrets.jwtKey, ttlSeconds: 600 };
  const headers = { authorization: `Bearer ${await issueLocalToken(rosa)}` };
  const reserve = async (quantity: number) => {
    const body = { eventId: unseated, quantity };
    return await call(stack.url, 'POST', '/api/reservations', { body, headers });
  };
  // Within a tenth of a second a service that asked for another event just before may not know this one.
  await until('the event to be known', 30_000, async () => (await reserve(2)).status === 201);
  const given = await reserve(1);
  t.match(given, { status: 201 });
  await call(stack.url, 'DELETE', `/api/reservations/${given.body.id}`, { headers });
  const stockDir = join(dir, 'stock');
  t.equal((await onsale('report', unseated, '--out', stockDir)).code, 0);
  t.match(await onsale('report', 'verify', stockDir), {
    code: 0,
    output: /sold than there are \(2 of 100 tickets\)[^]*The report holds/,
  });
  t.notMatch(await readFile(join(stockDir, 'data/reservations.ndjson'), 'utf8'), /rosa/, 'nobody is named');

  // The worker dies in the midst of it; another one goes on.
  const latecomer = new Buyer(stack.url, eventId);
  await latecomer.awaitTurn();
  t.equal((await onsale('cancel-event', eventId, '--reason', 'Flood')).code, 0);
  const [worker] = stack.replicas.get('confirm-worker')!;
  await worker!.kill('SIGKILL');
  await until('the end of the cancellation to be seen', 60_000, async () => {
    const answer = await latecomer.hold({ seatId: 'R1C2' });
    return answer.status === 409 && answer.body.error === 'event_cancelled';
  });
  t.match(await new Buyer(stack.url, eventId).enter(), { status: 409, body: { error: 'event_cancelled' } });
  await until('payments to be refused', 60_000, async () => {
    const answer = await latecomer.intent(['R1C2']);
    return answer.status === 409 && answer.body.error === 'event_cancelled';
  });
  await until('a worker again', 60_000, async () => {
    await stack.revive('confirm-worker');
    return true;
  });
  await until('everybody to have the money back', 120_000, async () => {
    const { confirmed, queue, refunds } = await status();
    // More where an intent came before the refusal.
    if (confirmed === 0 && refunds.due === 0 && refunds.sent >= 4) return true;
    throw new Error(JSON.stringify({ confirmed, queue, refunds }));
  });
  t.match(await onsale('cancel-event', eventId, '--reason', 'Again'), {
    code: 0,
    output: /"already-cancelled"[^]*"Flood"/,
  });
  const ledger = await call(stack.paymentProviderUrl, 'GET', '/ledger');
  t.equal(ledger.body.refunded, ledger.body.captured, 'by the provider’s own book');
  t.match(await onsale('gate', 'check', codes[2]!), { code: 1, output: /"cancelled"/ });
  t.equal((await onsale('report', eventId, '--out', dir)).code, 0);
  t.match(await onsale('report', 'verify', dir), { code: 0, output: /The report holds/ });
});
