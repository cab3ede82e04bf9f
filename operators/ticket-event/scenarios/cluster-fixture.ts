import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AppsV1Api,
  AutoscalingV2Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
  loadAllYaml,
  PatchStrategy,
  setHeaderOptions,
  type V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { findBinaries } from '@onsale/control-plane/binaries';
import { startControlPlane, stopControlPlane } from '@onsale/control-plane/start-control-plane';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';

export const adminToken = 'scenario-admin-token';

/** The services' admin API as a scenario sees it. */
export interface AdminStub {
  readonly url: string;
  /** Every document told, in order. */
  readonly told: { spec: { eventId: string; sale: { opensAt?: string } } }[];
  /** Answers this instead of taking documents, when set. */
  refuse: { status: number; body: object } | undefined;
}

/** A control plane with the CRD, the roles and the policy installed. */
export interface ClusterFixture {
  readonly dir: string;
  readonly admin: KubeConfig;
  /** Bound to rbac.yaml alone: what a deployed operator may do. */
  readonly operatorKubeconfig: string;
  readonly editor: KubeConfig;
  readonly adminApi: AdminStub;
  readonly startSeconds: number;
  apply(document: string | object): Promise<void>;
  readTicketEvent(name: string): Promise<TicketEventResource>;
  readHpa(name: string): Promise<V2HorizontalPodAutoscaler>;
  patchTicketEvent(name: string, patch: object): Promise<void>;
  deleteTicketEvent(name: string, as?: KubeConfig): Promise<void>;
  createTarget(name: string, options: { min: number; max: number }): Promise<void>;
  stop(): Promise<void>;
}

const resource = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
export const ticketEventsOf = (namespace = 'default') => ({
  group: 'onsale.dev',
  version: 'v1alpha1',
  plural: 'ticketevents',
  namespace,
});

/** Starts one; throws when the programs have not been built. */
export async function startCluster(options: {
  readonly compress: number;
  readonly hpaSyncSeconds: number;
  readonly nodes?: number;
}): Promise<ClusterFixture> {
  const binaries = await findBinaries({ assets: process.env['KUBEBUILDER_ASSETS'] });
  if (!binaries) throw new Error('No control plane is built: npm run setup');
  const dir = await mkdtemp(join(tmpdir(), 'onsale-cluster-'));
  const begunMs = performance.now();
  const plane = await startControlPlane({ binaries, dir, watchPid: process.pid, ...options });
  const startSeconds = (performance.now() - begunMs) / 1000;
  const admin = new KubeConfig();
  admin.loadFromFile(plane.kubeconfig);
  const objects = KubernetesObjectApi.makeApiClient(admin);
  const core = admin.makeApiClient(CoreV1Api);
  const custom = admin.makeApiClient(CustomObjectsApi);
  const apps = admin.makeApiClient(AppsV1Api);
  const autoscaling = admin.makeApiClient(AutoscalingV2Api);

  const apply = async (document: string | object) => {
    const all = typeof document === 'string' ? loadAllYaml(document) : [document];
    for (const one of all as KubernetesObject[]) {
      await objects.create({
        ...one,
        metadata: { namespace: 'default', ...one.metadata },
      });
    }
  };
  const clusterWide = async (document: string) => {
    for (const one of loadAllYaml(document) as KubernetesObject[]) {
      const namespaced = one.kind === 'Role' || one.kind === 'RoleBinding';
      await objects.create({
        ...one,
        metadata: { ...one.metadata, ...(namespaced ? { namespace: 'default' } : {}) },
      });
    }
  };
  await clusterWide(await resource('../api/crd.yaml'));
  await clusterWide(await resource('./scaled-object-crd.yaml'));
  await clusterWide(await resource('../rbac.yaml'));
  await clusterWide(await resource('../admission-policy.yaml'));

  const as = async (account: string, roles: readonly ('ClusterRole' | 'Role')[], role: string) => {
    await core.createNamespacedServiceAccount({
      namespace: 'default',
      body: { metadata: { name: account } },
    });
    for (const kind of roles) {
      const cluster = kind === 'ClusterRole';
      await objects.create({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: cluster ? 'ClusterRoleBinding' : 'RoleBinding',
        metadata: { name: account, ...(cluster ? {} : { namespace: 'default' }) },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role },
        subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'default' }],
      } as KubernetesObject);
    }
    const { status } = await core.createNamespacedServiceAccountToken({
      namespace: 'default',
      name: account,
      body: { spec: { audiences: ['https://kubernetes.default.svc'], expirationSeconds: 3600 } },
    });
    const file = join(dir, `${account}.kubeconfig`);
    const config = JSON.parse(await readFile(plane.kubeconfig, 'utf8')) as { users: { user: object }[] };
    config.users[0]!.user = { token: status!.token };
    await writeFile(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  };
  const operatorKubeconfig = await as('operator', ['ClusterRole', 'Role'], 'ticket-event-operator');
  const editor = new KubeConfig();
  editor.loadFromFile(await as('editor', ['ClusterRole'], 'ticket-event-editor'));

  const told: AdminStub['told'] = [];
  const stub = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const answer = (status: number, text: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(text));
      if (request.headers.authorization !== `Bearer ${adminToken}`) return answer(401, {});
      if (adminApi.refuse) return answer(adminApi.refuse.status, adminApi.refuse.body);
      told.push(JSON.parse(body) as (typeof told)[number]);
      return answer(200, {});
    });
  });
  await new Promise<void>((resolve) => stub.listen(0, '127.0.0.1', resolve));
  const adminApi: AdminStub = {
    url: `http://127.0.0.1:${(stub.address() as AddressInfo).port}`,
    told,
    refuse: undefined,
  };

  return {
    dir,
    admin,
    operatorKubeconfig,
    editor,
    adminApi,
    startSeconds,
    apply,
    readTicketEvent: (name) =>
      custom.getNamespacedCustomObject({ ...ticketEventsOf(), name }) as Promise<TicketEventResource>,
    readHpa: (name) => autoscaling.readNamespacedHorizontalPodAutoscaler({ namespace: 'default', name }),
    async patchTicketEvent(name, patch) {
      await custom.patchNamespacedCustomObject(
        { ...ticketEventsOf(), name, body: patch },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
    },
    async deleteTicketEvent(name, config = admin) {
      await config
        .makeApiClient(CustomObjectsApi)
        .deleteNamespacedCustomObject({ ...ticketEventsOf(), name });
    },
    async createTarget(name, { min, max }) {
      const labels = { app: name };
      await apps.createNamespacedDeployment({
        namespace: 'default',
        body: {
          metadata: { name, labels },
          spec: {
            replicas: min,
            selector: { matchLabels: labels },
            template: {
              metadata: { labels },
              spec: {
                // As EKS sets it for pods of a Fargate profile: kube-scheduler then leaves them alone.
                schedulerName: 'fargate-scheduler',
                automountServiceAccountToken: false,
                containers: [{ name: 'app', image: 'example.invalid/app:1' }],
              },
            },
          },
        },
      });
      await autoscaling.createNamespacedHorizontalPodAutoscaler({
        namespace: 'default',
        body: {
          metadata: { name },
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
            minReplicas: min,
            maxReplicas: max,
            metrics: [
              {
                type: 'Resource',
                resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
              },
            ],
          },
        },
      });
    },
    async stop() {
      await new Promise((resolve) => stub.close(resolve));
      await stopControlPlane(dir);
    },
  };
}
