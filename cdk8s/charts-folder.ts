import { stringify } from 'yaml';
import { allCharts } from './charts/all-charts.ts';
import { loadtest } from './charts/loadtest.ts';
import { localEnginesChart } from './charts/local-engines.ts';
import { chartFiles } from './helm/write-chart.ts';
import { adapterValues, ruleFile } from './scaling/rules.ts';
import { environments, environmentValues, sampleSite } from './values/environments.ts';
import { appNamespace } from './values/namespace.ts';
import { workloadKeys, type WorkloadName } from './values/site.ts';

const header = '# Generated from cdk8s/ by npm run synth; change it there.\n';

/** Pods of the namespace are of the strictest kind, and ready only once the load balancer has them. */
const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: appNamespace,
    labels: {
      'app.kubernetes.io/part-of': 'onsale',
      'pod-security.kubernetes.io/enforce': 'restricted',
      // Said of a Deployment already, not only once its pods are refused.
      'pod-security.kubernetes.io/warn': 'restricted',
      'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled',
    },
  },
};

/** Every file of charts/, by its path there. */
export function chartsFolder(version: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const chart of [...allCharts, localEnginesChart, loadtest]) {
    for (const [path, text] of chartFiles(chart, version)) files.set(`${chart.name}/${path}`, text);
    if (!(chart.name in workloadKeys)) continue;
    for (const environment of environments) {
      const values = environmentValues(chart.name as WorkloadName, environment);
      files.set(`${chart.name}/values-${environment}.yaml`, header + stringify(values));
    }
  }
  for (const environment of environments.filter((one) => one !== 'local')) {
    const note =
      '# A site as a deployment has it: copy it, fill in the account’s own, keep it with the deployment.\n';
    files.set(`site-${environment}.sample.yaml`, header + note + stringify(sampleSite(environment)));
  }
  files.set('scaling/rules.yaml', header + stringify(ruleFile, { lineWidth: 0 }));
  files.set(
    'scaling/prometheus-rule.yaml',
    header +
      stringify(
        {
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'PrometheusRule',
          metadata: { name: 'onsale-scaling', labels: { 'app.kubernetes.io/part-of': 'onsale' } },
          spec: ruleFile,
        },
        { lineWidth: 0 },
      ),
  );
  files.set('scaling/prometheus-adapter-values.yaml', header + stringify(adapterValues, { lineWidth: 0 }));
  files.set('namespace.yaml', header + stringify(namespace));
  return files;
}
