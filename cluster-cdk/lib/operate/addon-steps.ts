import { stringify } from 'yaml';
import { type AddonPlace, addonValues } from '../cluster/addon-values.ts';
import { addonNames, addons } from '../cluster/addons.ts';
import { objectsAfterAddons, objectsBeforeAddons } from '../cluster/cluster-objects.ts';

/** A program to run, in the repository's root. */
export interface Step {
  readonly program: 'kubectl' | 'helm';
  readonly args: readonly string[];
  /** What it reads from its standard input, as YAML. */
  readonly input?: string;
}

const yaml = (value: object) => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
const applied = (objects: readonly object[]): Step => ({
  program: 'kubectl',
  args: ['apply', '--server-side', '--filename', '-'],
  input: objects.map(yaml).join('---\n'),
});

/** Everything that a cluster needs before the charts, in order; each step may run again. */
export function addonSteps(place: AddonPlace): readonly Step[] {
  return [
    { program: 'kubectl', args: ['apply', '--server-side', '--filename', 'charts/namespace.yaml'] },
    applied(objectsBeforeAddons(place)),
    ...addonNames.map((name): Step => {
      const { release, chart, repository, version, namespace } = addons[name];
      const rules =
        name === 'prometheusAdapter' ? ['--values', 'charts/scaling/prometheus-adapter-values.yaml'] : [];
      return {
        program: 'helm',
        args: [
          ...['upgrade', '--install', release, chart, '--repo', repository, '--version', version],
          ...['--namespace', namespace, ...rules, '--values', '-', '--wait', '--timeout', '15m'],
        ],
        input: yaml(addonValues[name](place)),
      };
    }),
    applied(objectsAfterAddons(place)),
  ];
}
