import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BotsStatus } from '@onsale/contracts/http/bots-routes';
import { callAdmin } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import { startBots } from '@onsale/local/start-bots';
import t from 'tap';
import { Buyer, call, until } from './buyer.ts';
import { openWindows, publishEvent, startStack } from './sale-fixture.ts';

t.setTimeout(300_000);
const stack = await startStack(t);

const cli = fileURLToPath(new URL('../local/onsale.ts', import.meta.url));

t.test('bots compete with people in a round; off stops them, and leaves no hold', async (t) => {
  const dir = t.testdir();
  const eventId = await publishEvent(stack, { windows: openWindows(), holdTtl: '5m' });
  const started = await startBots({
    stack,
    count: 4,
    logDir: dir,
    // So slow at paying that they are found with seats in their hands.
    environment: { BOTS_TYPING_MS: '86400000', BOTS_ABANDON_PERCENT: '0', BOTS_ARRIVE_BEFORE_SEC: '0' },
    onExit: () => undefined,
  });
  t.teardown(() => started.stop());
  const bots = { url: started.internalUrl, token: localSecrets.adminToken };
  const held = async () => {
    const { body } = await call(stack.url, 'GET', `/public/seats/${eventId}`);
    return [...body.sections.map(({ seats }: { seats: string }) => seats).join('')].filter((s) => s === 'h')
      .length;
  };

  await until('bots hold seats', 120_000, async () => (await held()) >= 4);
  const human = new Buyer(stack.url, eventId);
  await human.awaitTurn(60_000);
  const { body: hold } = await human.hold({ section: 'B', seatCount: 1 });
  t.match(hold.seatIds, [/^R/], 'a person finds a seat beside them');

  const wrong = await call(bots.url, 'POST', '/admin/bots/off');
  t.equal(wrong.status, 401, 'not without the token');
  t.match(await callAdmin<BotsStatus>(bots, 'POST', '/admin/bots/off'), { enabled: false, active: 0 });
  await until('only the person holds a seat', 30_000, async () => (await held()) === 1);
  t.match(await callAdmin<BotsStatus>(bots, 'GET', '/admin/bots'), { enabled: false, active: 0, rounds: [] });
});

t.test('a rehearsal says go, and no-go with its reasons', async (t) => {
  const dir = t.testdir();
  const file = join(dir, 'event.json');
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: 'onsale.dev/v1alpha1',
      kind: 'TicketEvent',
      metadata: { name: 'night' },
      spec: {
        eventId: 'night',
        title: 'One night',
        homeRegion: 'local',
        sale: { opensAt: '2040-01-01T00:00:00Z', closesAt: '2040-01-02T00:00:00Z' },
        venue: { currency: 'KRW', sections: [{ id: 'A', rows: 10, seatsPerRow: 10, price: 1000 }] },
        waitingRoom: { ratePerSecond: 1000 },
      },
    }),
  );
  const rehearse = (...args: string[]) =>
    new Promise<{ exitCode: number; verdict: string; failed: string[] }>((resolve) => {
      const admin = ['--admin', stack.internalUrl('public-api')];
      const shape = [
        '--base',
        stack.url,
        '--buyers',
        '6',
        '--lead',
        '5',
        '--notice',
        '200',
        '--errors',
        '0.5',
        '--json',
      ];
      execFile(process.execPath, [cli, ...admin, 'rehearse', file, ...shape, ...args], (error, stdout) => {
        const { verdict, checks } = JSON.parse(stdout) as {
          verdict: string;
          checks: { name: string; outcome: string }[];
        };
        const failed = checks.flatMap(({ name, outcome }) => (outcome === 'failed' ? [name] : []));
        resolve({ exitCode: (error?.code as number | undefined) ?? 0, verdict, failed });
      });
    });

  // How fast this machine is, is not the question here.
  const [good, tooSlow] = await Promise.all([
    rehearse('--p95', '60000', '--settle', '120'),
    rehearse('--p95', '0.001', '--settle', '120'),
  ]);
  t.same(good, { exitCode: 0, verdict: 'go', failed: [] });
  t.match(tooSlow, { exitCode: 1, verdict: 'no-go', failed: ['p95 of each step at most 0.001 ms'] });
  const { body: listed } = await call(stack.url, 'GET', '/api/events');
  const copies = listed.filter((event: { eventId: string }) => event.eventId.startsWith('rehearsal-night-'));
  t.equal(copies.length, 2, 'each had a copy of its own');

  await call(stack.paymentProviderUrl, 'PUT', '/behaviour', { body: { behaviour: 'manual' } });
  const unpaid = await rehearse('--p95', '60000', '--settle', '2');
  t.match(unpaid, { exitCode: 1, verdict: 'no-go' });
  t.ok(unpaid.failed.includes('every order decided'), 'nobody captures a payment');
});
