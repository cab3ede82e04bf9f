import { expression } from '../helm/expression.ts';

const release = expression('.Release.Name').string;

/** Name of the whole that the workloads are parts of. */
const partOf = 'onsale';

/** Labels every object of a chart carries, as Kubernetes recommends them. */
export const objectLabels = (name: string, component: string): Record<string, string> => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/instance': release,
  'app.kubernetes.io/version': expression('.Chart.AppVersion').string,
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/part-of': partOf,
  'app.kubernetes.io/managed-by': expression('.Release.Service').string,
  'helm.sh/chart': `${expression('.Chart.Name').part}-${expression('.Chart.Version').part}`,
});

/** Labels a Service selects pods by, those of a canary included. They never change: selectors cannot. */
export const serviceSelector = (name: string): Record<string, string> => ({ 'app.kubernetes.io/name': name });

/** Labels a Deployment selects its pods by. */
export const podSelector = (name: string, track: 'stable' | 'canary'): Record<string, string> => ({
  ...serviceSelector(name),
  'onsale.dev/track': track,
});

/** Labels of a pod. Its version is its image's tag, which on a canary is not the release's. */
export const podLabels = (
  name: string,
  component: string,
  track: 'stable' | 'canary',
): Record<string, string> => ({
  ...podSelector(name, track),
  'app.kubernetes.io/instance': release,
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/part-of': partOf,
});
