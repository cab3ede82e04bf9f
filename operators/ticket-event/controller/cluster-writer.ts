import {
  AppsV1Api,
  AutoscalingV2Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  EventsV1Api,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
  V1MicroTime,
} from '@kubernetes/client-node';
import type { TicketEventStatus } from '@onsale/contracts/ticket-event/ticket-event-status';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';
import { baselineAnnotation, type ScaledTarget } from './cluster-objects.ts';
import type { LeaseStore } from './lease-election.ts';

/** The operator's field manager: it owns the minimum of scaled objects and the status of TicketEvents. */
export const fieldManager = 'ticket-event-operator';
const baselineManager = 'ticket-event-operator-baseline';
export const finalizer = 'onsale.dev/floors';
const group = 'onsale.dev';
const version = 'v1alpha1';
const plural = 'ticketevents';

const ssa = () => setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
const merge = () => setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/** The HTTP status of a client error, if it is one. */
export function statusOf(error: unknown): number | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

/** Everything the operator writes to the cluster; each call first asks whether it may. */
export interface ClusterWriter {
  applyFloor(target: ScaledTarget, floor: number): Promise<void>;
  /** Writes the minimum found down as the baseline, by a field manager of its own so that no later apply drops it. */
  adopt(target: ScaledTarget): Promise<void>;
  applyStatus(resource: TicketEventResource, status: TicketEventStatus): Promise<void>;
  setFinalizer(resource: TicketEventResource, present: boolean): Promise<void>;
  recordEvent(
    resource: TicketEventResource,
    type: 'Normal' | 'Warning',
    reason: string,
    note: string,
  ): Promise<void>;
  pods(target: ScaledTarget): Promise<readonly V1Pod[]>;
  deletePod(pod: V1Pod): Promise<void>;
  saveMemory(namespace: string, data: Record<string, string>): Promise<void>;
  readMemory(namespace: string): Promise<Record<string, string>>;
}

const memoryName = 'ticket-event-operator-memory';

/** Writes by server-side apply. `mayWrite` is leadership: a lease does not fence, so it is asked before each write. */
export function createClusterWriter(
  config: KubeConfig,
  identity: string,
  mayWrite: () => boolean,
): ClusterWriter {
  const custom = config.makeApiClient(CustomObjectsApi);
  const autoscaling = config.makeApiClient(AutoscalingV2Api);
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const events = config.makeApiClient(EventsV1Api);
  const guard = () => {
    if (!mayWrite()) throw new Error('not the leader any more: nothing is written');
  };
  const ticketEvent = (resource: TicketEventResource) => ({
    group,
    version,
    plural,
    namespace: resource.metadata.namespace ?? 'default',
    name: resource.metadata.name,
  });

  async function applyTarget(target: ScaledTarget, body: object, manager: string): Promise<void> {
    guard();
    const { namespace, name } = target;
    if (target.kind === 'HorizontalPodAutoscaler') {
      await autoscaling.patchNamespacedHorizontalPodAutoscaler(
        {
          namespace,
          name,
          fieldManager: manager,
          force: true,
          body: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', ...body },
        },
        ssa(),
      );
      return;
    }
    await custom.patchNamespacedCustomObject(
      {
        group: 'keda.sh',
        version: 'v1alpha1',
        plural: 'scaledobjects',
        namespace,
        name,
        fieldManager: manager,
        force: true,
        body: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', ...body },
      },
      ssa(),
    );
  }

  return {
    applyFloor: (target, floor) =>
      applyTarget(
        target,
        {
          metadata: { name: target.name, namespace: target.namespace },
          spec:
            target.kind === 'HorizontalPodAutoscaler' ? { minReplicas: floor } : { minReplicaCount: floor },
        },
        fieldManager,
      ),
    adopt: (target) =>
      applyTarget(
        target,
        {
          metadata: {
            name: target.name,
            namespace: target.namespace,
            annotations: { [baselineAnnotation]: String(target.baseline) },
          },
        },
        baselineManager,
      ),
    async applyStatus(resource, status) {
      guard();
      await custom.patchNamespacedCustomObjectStatus(
        {
          ...ticketEvent(resource),
          fieldManager,
          force: true,
          body: {
            apiVersion: `${group}/${version}`,
            kind: 'TicketEvent',
            metadata: { name: resource.metadata.name, namespace: resource.metadata.namespace },
            status,
          },
        },
        ssa(),
      );
    },
    async setFinalizer(resource, present) {
      guard();
      const others = (resource.metadata.finalizers ?? []).filter((one) => one !== finalizer);
      await custom.patchNamespacedCustomObject(
        {
          ...ticketEvent(resource),
          fieldManager,
          body: {
            metadata: {
              // A merge patch replaces the list: the version makes it lose against anybody else's change.
              resourceVersion: resource.metadata.resourceVersion,
              finalizers: present ? [...others, finalizer] : others,
            },
          },
        },
        merge(),
      );
    },
    async recordEvent(resource, type, reason, note) {
      guard();
      const namespace = resource.metadata.namespace ?? 'default';
      await events.createNamespacedEvent({
        namespace,
        body: {
          metadata: { generateName: `${resource.metadata.name.slice(0, 57)}-`, namespace },
          eventTime: new V1MicroTime(),
          reportingController: 'onsale.dev/ticket-event-operator',
          reportingInstance: identity,
          action: 'Reconcile',
          type,
          reason,
          note: note.slice(0, 1000),
          regarding: {
            apiVersion: `${group}/${version}`,
            kind: 'TicketEvent',
            name: resource.metadata.name,
            namespace,
            ...(resource.metadata.uid ? { uid: resource.metadata.uid } : {}),
          },
        },
      });
    },
    async pods(target) {
      if (!target.deployment) return [];
      const { namespace } = target;
      const deployment = await apps
        .readNamespacedDeployment({ namespace, name: target.deployment })
        .catch((error: unknown) => {
          if (statusOf(error) === 404) return undefined;
          throw error;
        });
      const labelSelector = Object.entries(deployment?.spec?.selector.matchLabels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(',');
      if (labelSelector === '') return [];
      const pods: V1Pod[] = [];
      let page: string | undefined;
      do {
        const list = await core.listNamespacedPod({
          namespace,
          labelSelector,
          limit: 500,
          ...(page ? { _continue: page } : {}),
        });
        pods.push(...list.items);
        page = list.metadata?._continue || undefined;
      } while (page);
      return pods;
    },
    async deletePod(pod) {
      guard();
      try {
        await core.deleteNamespacedPod({
          namespace: pod.metadata?.namespace ?? 'default',
          name: pod.metadata?.name ?? '',
          body: { preconditions: { ...(pod.metadata?.uid ? { uid: pod.metadata.uid } : {}) } },
        });
      } catch (error) {
        if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
      }
    },
    async readMemory(namespace) {
      try {
        return (await core.readNamespacedConfigMap({ namespace, name: memoryName })).data ?? {};
      } catch (error) {
        if (statusOf(error) === 404) return {};
        throw error;
      }
    },
    async saveMemory(namespace, data) {
      guard();
      await core.patchNamespacedConfigMap(
        {
          namespace,
          name: memoryName,
          fieldManager,
          force: true,
          body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: memoryName, namespace }, data },
        },
        ssa(),
      );
    },
  };
}

/** A coordination.k8s.io Lease as the election's store. */
export function createLeaseStore(config: KubeConfig, namespace: string, name: string): LeaseStore {
  const api = config.makeApiClient(CoordinationV1Api);
  return {
    async read() {
      try {
        const { metadata, spec } = await api.readNamespacedLease({ namespace, name });
        return {
          holder: spec?.holderIdentity || undefined,
          leaseSeconds: spec?.leaseDurationSeconds ?? 15,
          renewTime: spec?.renewTime ? new Date(spec.renewTime).toISOString() : '',
          transitions: spec?.leaseTransitions ?? 0,
          resourceVersion: metadata?.resourceVersion,
        };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    },
    async write(record) {
      const body = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {
          name,
          namespace,
          ...(record.resourceVersion ? { resourceVersion: record.resourceVersion } : {}),
        },
        spec: {
          holderIdentity: record.holder ?? '',
          leaseDurationSeconds: record.leaseSeconds,
          leaseTransitions: record.transitions,
          renewTime: new V1MicroTime(record.renewTime),
        },
      };
      try {
        if (record.resourceVersion) await api.replaceNamespacedLease({ namespace, name, body });
        else await api.createNamespacedLease({ namespace, body });
        return true;
      } catch (error) {
        if (statusOf(error) === 409 || statusOf(error) === 404) return false;
        throw error;
      }
    },
  };
}
