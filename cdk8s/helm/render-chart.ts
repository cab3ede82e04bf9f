import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import { appNamespace } from '../values/namespace.ts';
import type { EnvironmentName } from '../values/environments.ts';

const charts = new URL('../../charts/', import.meta.url);

/** An object of the API server, as a chart renders it. */
export interface RenderedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly [key: string]: unknown;
}

/** Folder of a committed chart. */
export const chartFolder = (chart: string): string => fileURLToPath(new URL(chart, charts));

/** Arguments that name the value files of an environment: the chart's own, and the site's sample where there is one. */
export function valueFiles(chart: string, environment: EnvironmentName): string[] {
  const own = fileURLToPath(new URL(`${chart}/values-${environment}.yaml`, charts));
  const site = fileURLToPath(new URL(`site-${environment}.sample.yaml`, charts));
  return [own, site].filter((file) => existsSync(file)).flatMap((file) => ['--values', file]);
}

/** Tag of the image in everything rendered here. */
export const sampleTag = ['--set-string', 'image.tag=2026.11.21'];

/** Renders a committed chart as Helm would install it; throws what Helm says when it refuses. */
export const renderChart = (
  helm: string,
  chart: string,
  environment: EnvironmentName,
  ...more: readonly string[]
): RenderedObject[] => render(helm, chart, [...valueFiles(chart, environment), ...sampleTag, ...more]);

/** Renders the load test, which knows no environment, with values that npm run loadtest would give it. */
export const renderLoadtest = (helm: string, ...more: readonly string[]): RenderedObject[] =>
  render(helm, 'loadtest', [
    '--set',
    'profile=step-100k,archive=ZXhhbXBsZQ==,parallelism=100,nodeSelector.pool=load',
    ...more,
  ]);

function render(helm: string, chart: string, values: readonly string[]): RenderedObject[] {
  const text = execFileSync(
    helm,
    ['template', chart, chartFolder(chart), '--namespace', appNamespace, ...values],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 },
  );
  return parseAllDocuments(text)
    .map((document) => document.toJS() as RenderedObject | null)
    .filter((object): object is RenderedObject => object !== null);
}

/** A rendering as a golden file: sorted, and without the CRD, which has a file of its own. */
export function goldenText(objects: readonly RenderedObject[]): string {
  const key = ({ kind, metadata }: RenderedObject) => `${kind}/${metadata.name}`;
  return objects
    .filter(({ kind }) => kind !== 'CustomResourceDefinition')
    .toSorted((a, b) => key(a).localeCompare(key(b), 'en'))
    .map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}
