import t from 'tap';
import { readRequiredTiers } from './required-tiers.ts';
import { tierOf } from './tiers.ts';

t.test('a file belongs to the tier that its name and folder say', async (t) => {
  const expected: Record<string, string> = {
    'services/orders/body-hash.test.ts': 'unit',
    'services/orders/migrate.integration.test.ts': 'integration',
    'services/e2e/purchase.test.ts': 'journey',
    'services/e2e/load.k6.test.ts': 'load',
    'services/e2e/faults/redis.integration.test.ts': 'journey',
    'services/web/seat-map.test.ts': 'unit',
    'services/web/buy.browser.test.ts': 'browser',
    'operators/ticket-event/plan/phase.test.ts': 'unit',
    'operators/ticket-event/crd.cluster.test.ts': 'cluster',
    'cdk8s/charts.test.ts': 'charts',
    'cdk8s/charts.cluster.test.ts': 'cluster',
    'cdk8s/scaling/rules.promtool.test.ts': 'rules',
    'scripts/linters/workflows.lint.test.ts': 'linters',
    'cluster-cdk/lib/network-stack.test.ts': 'infrastructure',
    'scripts/test/tiers.test.ts': 'unit',
  };
  for (const [path, tier] of Object.entries(expected)) t.equal(tierOf(path).name, tier, path);
});

t.test(
  'what loads the machine does not run beside the rest, what waits runs beside everything',
  async (t) => {
    const expected: Record<string, string | undefined> = {
      'services/e2e/purchase.test.ts': undefined,
      'services/e2e/races.test.ts': 'loading',
      'services/e2e/payments.test.ts': 'waiting',
      'services/orders/payments/payment-events.integration.test.ts': undefined,
      'services/waiting-room/opening.integration.test.ts': 'waiting',
      'operators/ticket-event/operator.cluster.test.ts': 'waiting',
      'services/web/page.browser.test.ts': 'loading',
      'scripts/test/tiers.test.ts': undefined,
    };
    for (const [path, lane] of Object.entries(expected)) t.equal(tierOf(path).lane?.(path), lane, path);
  },
);

t.test('required tiers are all, a list, or none', async (t) => {
  const names = ['unit', 'integration', 'journey'];
  t.same(readRequiredTiers('all', names), names);
  t.same(readRequiredTiers('integration, journey', names), ['integration', 'journey']);
  t.same(readRequiredTiers('', names), []);
  t.same(readRequiredTiers(undefined, names), []);
  t.throws(() => readRequiredTiers('integration,journy', names), /journy/);
});
