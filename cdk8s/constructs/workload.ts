import type { Static, TObject } from 'typebox';
import { expression } from '../helm/expression.ts';
import { type References, valueReferences } from '../helm/value-references.ts';
import type { ChartSetting } from '../values/settings.ts';
import type { commonValues } from '../values/service-values.ts';
import { workloadKeys, type WorkloadName } from '../values/site.ts';
import { objectLabels } from './labels.ts';

type Common = References<{ [Key in keyof typeof commonValues]: Static<(typeof commonValues)[Key]> }>;

/** What the constructs of a chart know of it. */
export interface Workload<Values = Common> {
  readonly name: WorkloadName;
  /** api, worker or operator. */
  readonly component: string;
  readonly settings: readonly ChartSetting[];
  /** References to its values. */
  readonly values: Values & Common;
  readonly labels: Record<string, string>;
}

/** Describes a workload to the constructs. */
export function describeWorkload<Schema extends TObject>(
  name: WorkloadName,
  component: string,
  schema: Schema,
  settings: readonly ChartSetting[],
): Workload<References<Static<Schema>>> {
  return {
    name,
    component,
    settings,
    values: valueReferences(schema) as References<Static<Schema>> & Common,
    labels: objectLabels(name, component),
  };
}

/** A site's value that each workload has its own of; undefined where this workload has none. */
export function ofSite(workload: Workload, part: 'roleArns' | 'securityGroups' | 'targetGroupArns') {
  return expression(`.Values.site.${part}.${workloadKeys[workload.name]}`);
}
