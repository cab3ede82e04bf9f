import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AppsV1Api, CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import { derived } from '../scaling/metric-names.ts';

/** What the pods of a Deployment are said to do; change it and the next sync of the autoscaler sees it. */
export interface Load {
  /** Of a pod, in thousandths of a CPU. */
  cpuMillis: number;
  /** Of all pods together; each has its share. */
  requestsPerSecond: number;
  /** p95 is over the promise: the rule asks for a fifth more than the ready pods. */
  isSlow: boolean;
}

/** The aggregated metrics APIs of metrics server and Prometheus adapter, from a load somebody sets. */
export interface MetricsApi {
  readonly port: number;
  readonly load: Load;
  /** Paths that answered with values, by their last part: who asks for a metric by another name gets 404. */
  readonly asked: Set<string>;
  /** The objects that put it behind the API server. */
  readonly registration: readonly object[];
  close(): Promise<void>;
}

const resource = (version: string) => ({ apiVersion: 'v1', kind: 'APIResourceList', groupVersion: version });
const versions = { resource: 'metrics.k8s.io/v1beta1', custom: 'custom.metrics.k8s.io/v1beta2' } as const;

/** Serves them on loopback with the API server's own certificate. */
export async function startMetricsApi(
  config: KubeConfig,
  dir: string,
  namespace: string,
): Promise<MetricsApi> {
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const load: Load = { cpuMillis: 50, requestsPerSecond: 0, isSlow: false };
  const asked = new Set<string>();

  const running = async (labelSelector: string) =>
    (await core.listNamespacedPod({ namespace, labelSelector })).items.filter(
      ({ status, metadata }) => status?.phase === 'Running' && !metadata?.deletionTimestamp,
    );
  const now = () => new Date().toISOString();
  const podMetrics = async (selector: string) => ({
    apiVersion: versions.resource,
    kind: 'PodMetricsList',
    metadata: {},
    items: (await running(selector)).map(({ metadata }) => ({
      metadata: { name: metadata?.name, namespace, labels: metadata?.labels },
      timestamp: now(),
      // A window before a pod was ready would not count.
      window: '1ms',
      containers: [{ name: 'app', usage: { cpu: `${load.cpuMillis}m`, memory: '200Mi' } }],
    })),
  });
  const valueList = (name: string, items: readonly { kind: string; of: string; value: number }[]) => ({
    apiVersion: versions.custom,
    kind: 'MetricValueList',
    metadata: {},
    items: items.map(({ kind, of, value }) => ({
      describedObject: { kind, namespace, name: of },
      metric: { name, selector: null },
      timestamp: now(),
      value: String(value),
    })),
  });

  const answer = async (path: string, selector: string): Promise<object | undefined> => {
    const list = (name: string) => ({
      name,
      singularName: '',
      namespaced: true,
      kind: 'MetricValueList',
      verbs: ['get'],
    });
    if (path === `/apis/${versions.resource}`)
      return { ...resource(versions.resource), resources: [{ ...list('pods'), kind: 'PodMetrics' }] };
    if (path === `/apis/${versions.custom}`)
      return {
        ...resource(versions.custom),
        resources: [
          list(`pods/${derived.requestsPerSecond}`),
          list(`deployments.apps/${derived.slowStepPods}`),
        ],
      };
    if (path === `/apis/${versions.resource}/namespaces/${namespace}/pods`) return podMetrics(selector);
    const custom = `/apis/${versions.custom}/namespaces/${namespace}`;
    if (path === `${custom}/pods/*/${derived.requestsPerSecond}`) {
      const pods = await running(selector);
      const share = Math.round((load.requestsPerSecond * 1000) / Math.max(1, pods.length));
      return valueList(
        derived.requestsPerSecond,
        pods.map(({ metadata }) => ({ kind: 'Pod', of: metadata?.name ?? '', value: share / 1000 })),
      );
    }
    const [, deployment] =
      new RegExp(`^${custom}/deployments\\.apps/([^/]+)/${derived.slowStepPods}$`).exec(path) ?? [];
    if (deployment === undefined) return undefined;
    const { status } = await apps.readNamespacedDeployment({ namespace, name: deployment });
    const value = load.isSlow ? Math.ceil(1.2 * (status?.readyReplicas ?? 0)) : 0;
    return valueList(derived.slowStepPods, [{ kind: 'Deployment', of: deployment, value }]);
  };

  const [key, cert] = await Promise.all(
    ['apiserver.key', 'apiserver.crt'].map((file) => readFile(join(dir, 'pki', file))),
  );
  const server = createServer({ key: key!, cert: cert! }, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const path = decodeURIComponent(url.pathname);
    answer(path, url.searchParams.get('labelSelector') ?? '')
      .then((body) => {
        if (body && path.includes('/namespaces/')) asked.add(path.split('/').at(-1)!);
        response
          .writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
          .end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
      })
      .catch(() => response.writeHead(503).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const service = { name: 'metrics-stub', namespace: 'kube-system' };
  return {
    port,
    load,
    asked,
    registration: [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: service,
        spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
      },
      ...Object.values(versions).map((groupVersion) => {
        const [group, version] = groupVersion.split('/');
        return {
          apiVersion: 'apiregistration.k8s.io/v1',
          kind: 'APIService',
          metadata: { name: `${version}.${group}` },
          spec: {
            group,
            version,
            service: { ...service, port },
            insecureSkipTLSVerify: true,
            groupPriorityMinimum: 100,
            versionPriority: 100,
          },
        };
      }),
    ],
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
