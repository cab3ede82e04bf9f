import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { publishTicketEvent } from '@onsale/local/admin-client';
import { localSecrets } from '@onsale/local/local-secrets';
import { startLocalStack } from '@onsale/local/local-stack';
import t from 'tap';
import { bundleService, entries } from './bundle-service.ts';

// Four bundles, engines and services; some twenty seconds of CPU.
t.setTimeout(300_000);
const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'onsale-bundles-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

t.test('a purchase is confirmed, and cancelled again, by what the images hold', async (t) => {
  const names = ['migrate', 'public-api', 'confirm-api', 'confirm-worker'];
  for (const name of names) await bundleService(entries[name]!, join(folder, name));
  const stack = await startLocalStack({
    port: 0,
    dir: join(folder, 'run'),
    keep: false,
    bundles: folder,
    report: () => undefined,
  });
  t.teardown(() => stack.stop());

  const migrate = join(folder, 'migrate', 'main.mjs');
  const { stdout } = await run(process.execPath, [migrate], {
    cwd: folder,
    env: { POSTGRES_URL: stack.engines.postgresUrl },
  });
  t.match(stdout, /"event":"migrated","ran":\[\]/, 'the migration finds its files, and nothing to do');

  const opensAtMs = Date.now() - 1000;
  await publishTicketEvent(
    { url: stack.internalUrl('public-api'), token: localSecrets.adminToken },
    {
      apiVersion: 'onsale.dev/v1alpha1',
      kind: 'TicketEvent',
      metadata: { name: 'bundled' },
      spec: {
        eventId: 'bundled',
        title: 'A concert',
        homeRegion: 'local',
        sale: {
          opensAt: new Date(opensAtMs).toISOString(),
          closesAt: new Date(opensAtMs + 3_600_000).toISOString(),
        },
        venue: { currency: 'KRW', sections: [{ id: 'A', rows: 5, seatsPerRow: 10, price: 1000 }] },
      },
    },
  );
  // The simulator captures the payment by itself; the worker confirms the order.
  const smoke = join(root, 'services/e2e/smoke.ts');
  const said = await run(
    process.execPath,
    [smoke, '--base', stack.url, '--event', 'bundled', '--timeout', '90'],
    { cwd: root },
  ).catch((error: Error & { stdout: string }) => error);
  t.match(said.stdout, / 0 failed/);
  t.match(said.stdout, /CONFIRMED/);
});
