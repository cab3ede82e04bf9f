import { stringify } from 'yaml';
import { allCharts } from './charts/all-charts.ts';
import { chartFiles } from './helm/write-chart.ts';
import { environments, environmentValues, sampleSite } from './values/environments.ts';
import { workloadKeys, type WorkloadName } from './values/site.ts';

const header = '# Generated from cdk8s/ by npm run synth; change it there.\n';

/** Every file of charts/, by its path there. */
export function chartsFolder(version: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const chart of allCharts) {
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
  return files;
}
