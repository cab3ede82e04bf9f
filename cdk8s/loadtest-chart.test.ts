import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import t from 'tap';
import { goldenText, renderLoadtest } from './helm/render-chart.ts';

// Helm starts a dozen times; a busy machine takes its time.
t.setTimeout(120_000);
const { helm } = await kubectlAndHelm();
const testRunOf = (...more: string[]) =>
  renderLoadtest(helm, ...more).find(({ kind }) => kind === 'TestRun')?.spec as any;

t.test('the load test renders as its golden file says', async (t) => {
  const committed = readFileSync(new URL('./golden/loadtest.yaml', import.meta.url), 'utf8');
  t.equal(goldenText(renderLoadtest(helm)), committed.split('\n').slice(1).join('\n'));
});

t.test('its pods are of the strictest kind, without a token, and get what they ask for', async (t) => {
  const spec = testRunOf();
  for (const pod of [spec.runner, spec.initializer, spec.starter]) {
    t.equal(pod.serviceAccountName, 'loadtest');
    t.equal(pod.automountServiceAccountToken, 'false');
    t.match(pod.securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    t.match(pod.containerSecurityContext, {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    t.strictSame(pod.resources.requests, pod.resources.limits);
  }
  const account = renderLoadtest(helm).find(({ kind }) => kind === 'ServiceAccount');
  t.equal(account?.['automountServiceAccountToken'], false);
});

t.test('pods stay until their figures were read', async (t) => {
  t.notOk('cleanup' in testRunOf());
});

t.test('metrics are sent to Prometheus where one is named', async (t) => {
  const outputOf = (...more: string[]) =>
    testRunOf(...more).runner.env.find(({ name }: { name: string }) => name === 'K6_OUT').value;
  t.equal(outputOf(), '');
  t.equal(outputOf('--set', 'prometheusUrl=http://prometheus/api/v1/write'), 'experimental-prometheus-rw');
});

t.test('runners run the k6 that a laptop runs', async (t) => {
  const module = readFileSync(new URL('../loadtest/k6-program/go/go.mod', import.meta.url), 'utf8');
  t.match(module, `require go.k6.io/k6 v${testRunOf().runner.image.split(':')[1]}\n`);
});

t.test('what must not be said is refused, by name', async (t) => {
  const refused: [string[], RegExp][] = [
    [['--set', 'parallelism=0'], /parallelism/],
    [['--set', 'paralelism=4'], /paralelism/],
    [['--set', 'archive='], /archive/],
    [['--set', 'archive=not base64'], /archive/],
    [['--set', 'image=grafana/k6'], /image/],
    [['--set', 'image=grafana/k6:latest'], /image/],
    [['--set', 'prometheusUrl=prometheus:9090'], /prometheusUrl/],
    [['--set', 'profile=Step 100k'], /profile/],
  ];
  for (const [more, words] of refused) t.throws(() => renderLoadtest(helm, ...more), words, more.join(' '));
  t.throws(
    () =>
      execFileSync(helm, ['lint', new URL('../charts/loadtest', import.meta.url).pathname], {
        stdio: 'pipe',
      }),
    'without values nothing runs',
  );
});
