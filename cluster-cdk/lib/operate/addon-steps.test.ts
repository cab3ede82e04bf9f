import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse, parseAllDocuments } from 'yaml';
import { addonNames, addons } from '../cluster/addons.ts';
import { loggingLimit } from '../cluster/cluster-objects.ts';
import { outputNames, type OutputsFile, stackNameOf } from '../outputs.ts';
import { addonSteps } from './addon-steps.ts';
import { pageSteps } from './page-steps.ts';
import { readOutputs } from './read-outputs.ts';

const charts = new URL('../../../charts/', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, charts), 'utf8');

/** Every output, as its own name. */
const outputs: OutputsFile = Object.fromEntries(
  Object.entries(outputNames).map(([part, names]) => [
    stackNameOf('production', part),
    Object.fromEntries(names.map((name) => [name, `the-${name}`])),
  ]),
);
const steps = addonSteps({
  network: readOutputs(outputs, 'production', 'network'),
  cluster: readOutputs(outputs, 'production', 'cluster'),
});
const objects = steps
  .filter(({ program, input }) => program === 'kubectl' && input !== undefined)
  .flatMap(({ input }) => parseAllDocuments(input!).map((document) => document.toJS()));

t.test('every add-on is installed in its namespace, pinned, with its own role', async (t) => {
  const installed = steps.filter(({ program }) => program === 'helm');
  t.equal(installed.length, addonNames.length);
  for (const name of addonNames) {
    const { release, version, namespace, account } = addons[name];
    const step = installed.find(({ args }) => args[2] === release)!;
    t.match(step.args.join(' '), `--version ${version} --namespace ${namespace}`);
    const output = `${name[0]!.toUpperCase()}${name.slice(1)}RoleArn`;
    t.match(step.input, `the-${output}`);
    if (name !== 'keda') t.equal(parse(step.input!).serviceAccount.name, account);
    if (namespace !== 'kube-system')
      t.ok(objects.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace));
    t.notMatch(step.input, '10250', 'Fargate’s kubelet has that port');
  }
});

t.test('everything may run again', async (t) => {
  for (const { program, args } of steps)
    t.ok(program === 'helm' ? args.includes('--install') : args.includes('--server-side'), args.join(' '));
});

t.test('what the charts expect is what the add-ons are', async (t) => {
  t.match(textOf('public-api/templates/deployment.yaml'), '"prometheus.io/scrape" "true"');
  const collector = parse(steps.find(({ args }) => args[2] === 'collector')!.input!);
  const [{ relabel_configs: kept }] = collector.config.receivers.prometheus.config.scrape_configs;
  t.same(kept[0].source_labels, ['__meta_kubernetes_pod_annotation_prometheus_io_scrape']);
  const { namespace, release } = addons.collector;
  t.equal(collector.fullnameOverride, release);
  t.match(textOf('site-staging.sample.yaml'), `traceCollector: http://${release}.${namespace}.svc:4318`);
  const store = objects.find(({ kind }) => kind === 'ClusterSecretStore');
  t.match(textOf('public-api/values.yaml'), `secretStore: ${store.metadata.name}`);
});

t.test('Fargate takes the configuration of its log router', async (t) => {
  const { data } = objects.find(({ metadata }) => metadata.name === 'aws-logging');
  t.match(data['output.conf'], /log_group_name the-PodLogGroup/);
  t.ok(JSON.stringify(data).length < loggingLimit);
});

t.test('a stack that is not deployed is named', async (t) => {
  t.throws(() => readOutputs({}, 'production', 'edge'), /onsale-production-edge has no output ApiBase/);
});

t.test('the page names its files only once they are there, and takes none away', async (t) => {
  const page = pageSteps('dist', readOutputs(outputs, 'production', 'edge'));
  t.match(page[0]!.join(' '), /dist\/assets s3:\/\/the-PageBucket\/assets .*immutable/);
  t.match(page[1]!.join(' '), /--exclude assets\/\*/);
  t.match(page[2]!.join(' '), 'create-invalidation --distribution-id the-DistributionId');
  t.notMatch(page.flat(), '--delete');
});
