import type { Kubectl } from '../test-run/kubectl.ts';
import type { Source } from './source.ts';

interface Deployment {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly readyReplicas?: number };
}

/** Ready pods of the sale's Deployments, live, from the Kubernetes API of its cluster. */
export function kubernetesSource(kubectl: Kubectl): Source {
  return {
    name: 'Kubernetes',
    async read() {
      const { isOk, out, err } = await kubectl([
        'get',
        'deployments.apps',
        '--selector',
        'app.kubernetes.io/part-of=onsale',
        '--output',
        'json',
      ]);
      if (!isOk) throw new Error(err.trim());
      const atMs = Date.now();
      return (JSON.parse(out) as { items: readonly Deployment[] }).items.map(({ metadata, status }) => ({
        atMs,
        kind: 'pods' as const,
        deployment: metadata.name,
        ready: status?.readyReplicas ?? 0,
        by: 'Kubernetes',
      }));
    },
  };
}
