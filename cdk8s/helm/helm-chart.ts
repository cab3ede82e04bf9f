import { ApiObject, App, Chart } from 'cdk8s';
import type { TObject } from 'typebox';

/** A chart before it is written: its objects, its values, and what Helm wants to know of it. */
export interface HelmChart {
  readonly name: string;
  readonly description: string;
  readonly values: TObject;
  /** Rules over several values, as members of the schema's allOf. */
  readonly rules?: readonly object[];
  /** Adds the objects. */
  readonly build: (chart: Chart) => void;
  /** What Helm prints after an installation; a template. */
  readonly notes: string;
  /** Further files, by their path in the chart. */
  readonly files?: Readonly<Record<string, string>>;
}

const conditions = new WeakMap<ApiObject, string>();

/** Renders the object only where the condition, a Go template expression, holds. */
export function onlyIf<T extends ApiObject>(condition: string, object: T): T {
  conditions.set(object, condition);
  return object;
}

/** An object with its condition. */
export interface ChartObject {
  readonly manifest: {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly [key: string]: unknown;
  };
  readonly condition: string | undefined;
}

/** Builds the objects of a chart, in the order they were added. */
export function chartObjects({ name, build }: HelmChart): ChartObject[] {
  const chart = new Chart(new App(), name, { disableResourceNameHashes: true });
  build(chart);
  return chart.node
    .findAll()
    .filter((one): one is ApiObject => ApiObject.isApiObject(one))
    .map((object) => ({
      manifest: object.toJson() as ChartObject['manifest'],
      condition: conditions.get(object),
    }));
}
