import { stringify } from 'yaml';
import { chartObjects, type HelmChart } from './helm-chart.ts';
import { templateText } from './template-text.ts';
import { valuesSchema } from './values-schema.ts';
import { valuesTable, valuesYaml } from './values-yaml.ts';

const header = '# Generated from cdk8s/ by npm run synth; change it there.\n';
const kebab = (kind: string) => kind.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** The files of a chart, by their path in it. */
export function chartFiles(chart: HelmChart, version: string): Map<string, string> {
  const { name, description, values, rules = [], notes, files = {} } = chart;
  const written = new Map<string, string>();
  written.set(
    'Chart.yaml',
    header +
      stringify({
        apiVersion: 'v2',
        name,
        description,
        type: 'application',
        version,
        appVersion: version,
        kubeVersion: '>=1.30.0-0',
      }),
  );
  written.set('values.yaml', header + valuesYaml(values));
  written.set('values.schema.json', `${JSON.stringify(valuesSchema(values, rules), undefined, 2)}\n`);
  written.set(
    'README.md',
    `<!-- Generated from cdk8s/ by npm run synth; change it there. -->\n# ${name}\n\n${description}.\n\n` +
      `How charts are made, checked and rolled out: [docs/charts.md](../../docs/charts.md).\n\n## Values\n\n` +
      `${valuesTable(values)}\n`,
  );
  written.set('templates/NOTES.txt', notes);
  for (const { manifest, condition } of chartObjects(chart)) {
    const named = manifest.metadata.name === name ? '' : `-${manifest.metadata.name.replace(`${name}-`, '')}`;
    const path = `templates/${kebab(manifest.kind)}${named}.yaml`;
    if (written.has(path)) throw new Error(`${name}: two objects are ${path}`);
    written.set(path, header + templateText(manifest, condition));
  }
  for (const [path, text] of Object.entries(files)) written.set(path, text);
  return written;
}
