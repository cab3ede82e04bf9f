import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import t from 'tap';
import { renderChart } from '../helm/render-chart.ts';
import { adapterValues, ruleFile } from './rules.ts';

const { helm } = await kubectlAndHelm();

t.test('autoscalers ask for exactly the names the adapter serves, and the rules record them', async (t) => {
  const served = adapterValues.rules.custom.map(({ seriesQuery }) => seriesQuery.split('{')[0]!);
  const recorded = ruleFile.groups.flatMap(({ rules }) => rules.map(({ record }) => record));
  for (const chart of ['public-api', 'confirm-api']) {
    const hpa = renderChart(helm, chart, 'staging').find(
      ({ kind }) => kind === 'HorizontalPodAutoscaler',
    ) as any;
    const asked = hpa.spec.metrics.flatMap(({ pods, object }: any) => (pods ?? object)?.metric.name ?? []);
    t.strictSame(asked, served, chart);
    t.strictSame(hpa.spec.metrics[0].resource.target, { type: 'Utilization', averageUtilization: 60 });
    t.equal(hpa.spec.metrics[1].pods.target.averageValue, '800');
    t.equal(hpa.spec.metrics[2].object.describedObject.name, hpa.spec.scaleTargetRef.name);
  }
  for (const name of served) t.ok(recorded.includes(name), name);
});

t.test('the worker asks for one number of pods, made of depth, age and how many there are', async (t) => {
  const scaled = renderChart(helm, 'confirm-worker', 'staging').find(
    ({ kind }) => kind === 'ScaledObject',
  ) as any;
  const { triggers, advanced, fallback } = scaled.spec;
  const { formula, target, metricType } = advanced.scalingModifiers;
  const names = triggers.map(({ name }: any) => name);
  t.strictSame(names, ['depth', 'age', 'workers']);
  const words = new Set<string>(formula.match(/[a-z]+/g));
  words.delete('max');
  t.strictSame([...words].sort(), [...names].sort(), 'the formula knows the triggers, and no other');
  t.strictSame({ target, metricType }, { target: '1', metricType: 'AverageValue' });
  t.equal(fallback.behavior, 'currentReplicasIfHigher');
  const wanted = (depth: number, age: number, workers: number): number =>
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- KEDA's expression language has these words too.
    new Function('depth', 'age', 'workers', 'max', `return ${formula}`)(
      depth,
      age,
      workers,
      Math.max,
    ) as number;
  t.equal(wanted(5000, 10, 4), 10, 'by depth');
  t.equal(wanted(500, 61, 10), 12, 'few but old: a fifth more');
  t.equal(wanted(0, 0, 10), 0, 'empty');
});
