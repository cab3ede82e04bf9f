import type { TicketEventStatus } from '@onsale/contracts/ticket-event/ticket-event-status';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';
import { type ClusterCall, type ClusterClient, ClusterError } from './cluster-client.ts';
import { baselineAnnotation, type ScaledTarget } from './cluster-objects.ts';
import type { LeaseStore } from './lease-election.ts';
import { keptPod, type Pod } from './pod-health.ts';

/** The operator's field manager: it owns the minimum of scaled objects and the status of TicketEvents. */
export const fieldManager = 'ticket-event-operator';
const baselineManager = 'ticket-event-operator-baseline';
export const finalizer = 'onsale.dev/floors';
const collections = {
  HorizontalPodAutoscaler: { apiVersion: 'autoscaling/v2', plural: 'horizontalpodautoscalers' },
  ScaledObject: { apiVersion: 'keda.sh/v1alpha1', plural: 'scaledobjects' },
} as const;
const ticketEventVersion = 'onsale.dev/v1alpha1';

const applied = (body: object, manager = fieldManager): ClusterCall => ({
  query: { fieldManager: manager, force: true },
  body,
  patch: 'apply',
});
/** MicroTime takes six digits after the second, no more and no fewer. */
const microTime = (iso: string) => iso.replace(/\.(\d{3})Z$/, '.$1000Z');

/** The HTTP status of a refusal, if the error is one. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof ClusterError ? error.status : undefined;

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
  pods(target: ScaledTarget): Promise<readonly Pod[]>;
  deletePod(pod: Pod): Promise<void>;
  saveMemory(namespace: string, data: Record<string, string>): Promise<void>;
  readMemory(namespace: string): Promise<Record<string, string>>;
}

const memoryName = 'ticket-event-operator-memory';
/** Pods a page: one of 2,000 pods at once would be 6 MB of JSON. */
const podPage = 200;

/** Writes by server-side apply. `mayWrite` is leadership: a lease does not fence, so it is asked before each write. */
export function createClusterWriter(
  client: ClusterClient,
  identity: string,
  mayWrite: () => boolean,
): ClusterWriter {
  const guard = () => {
    if (!mayWrite()) throw new Error('not the leader any more: nothing is written');
  };
  const namespaceOf = ({ metadata }: TicketEventResource) => metadata.namespace ?? 'default';
  const ticketEvent = (resource: TicketEventResource) =>
    `/apis/${ticketEventVersion}/namespaces/${namespaceOf(resource)}/ticketevents/${resource.metadata.name}`;
  const memoryPath = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps/${memoryName}`;

  async function applyTarget(target: ScaledTarget, body: object, manager: string): Promise<void> {
    guard();
    const { kind, namespace, name } = target;
    const { apiVersion, plural } = collections[kind];
    await client.call(
      'PATCH',
      `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`,
      applied({ apiVersion, kind, ...body }, manager),
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
      await client.call(
        'PATCH',
        `${ticketEvent(resource)}/status`,
        applied({
          apiVersion: ticketEventVersion,
          kind: 'TicketEvent',
          metadata: { name: resource.metadata.name, namespace: namespaceOf(resource) },
          status,
        }),
      );
    },
    async setFinalizer(resource, present) {
      guard();
      const others = (resource.metadata.finalizers ?? []).filter((one) => one !== finalizer);
      await client.call('PATCH', ticketEvent(resource), {
        query: { fieldManager },
        patch: 'merge',
        body: {
          metadata: {
            // A merge patch replaces the list: the version makes it lose against anybody else's change.
            resourceVersion: resource.metadata.resourceVersion,
            finalizers: present ? [...others, finalizer] : others,
          },
        },
      });
    },
    async recordEvent(resource, type, reason, note) {
      guard();
      const namespace = namespaceOf(resource);
      const { name, uid } = resource.metadata;
      await client.call('POST', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`, {
        body: {
          metadata: { generateName: `${name.slice(0, 57)}-`, namespace },
          eventTime: microTime(new Date().toISOString()),
          reportingController: 'onsale.dev/ticket-event-operator',
          reportingInstance: identity,
          action: 'Reconcile',
          type,
          reason,
          note: note.slice(0, 1000),
          regarding: { apiVersion: ticketEventVersion, kind: 'TicketEvent', name, namespace, uid },
        },
      });
    },
    async pods({ namespace, labelSelector }) {
      if (labelSelector === undefined) return [];
      const pods: Pod[] = [];
      let page: string | undefined;
      do {
        const list = await client.call<{ items: readonly Pod[]; metadata?: { continue?: string } }>(
          'GET',
          `/api/v1/namespaces/${namespace}/pods`,
          { query: { labelSelector, limit: podPage, continue: page } },
        );
        pods.push(...list.items.map(keptPod));
        page = list.metadata?.continue || undefined;
      } while (page);
      return pods;
    },
    async deletePod({ metadata: { namespace = 'default', name, uid } }) {
      guard();
      try {
        await client.call('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, {
          body: { preconditions: { uid } },
        });
      } catch (error) {
        if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
      }
    },
    async readMemory(namespace) {
      try {
        const { data } = await client.call<{ data?: Record<string, string> }>('GET', memoryPath(namespace));
        return data ?? {};
      } catch (error) {
        if (statusOf(error) === 404) return {};
        throw error;
      }
    },
    async saveMemory(namespace, data) {
      guard();
      await client.call(
        'PATCH',
        memoryPath(namespace),
        applied({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: memoryName, namespace }, data }),
      );
    },
  };
}

interface Lease {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** A coordination.k8s.io Lease as the election's store. */
export function createLeaseStore(client: ClusterClient, namespace: string, name: string): LeaseStore {
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  return {
    async read() {
      try {
        const { metadata, spec } = await client.call<Lease>('GET', `${leases}/${name}`);
        return {
          holder: spec?.holderIdentity || undefined,
          leaseSeconds: spec?.leaseDurationSeconds ?? 15,
          renewTime: spec?.renewTime ?? '',
          transitions: spec?.leaseTransitions ?? 0,
          resourceVersion: metadata?.resourceVersion,
        };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    },
    async write(record) {
      const { resourceVersion } = record;
      const body = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace, resourceVersion },
        spec: {
          holderIdentity: record.holder ?? '',
          leaseDurationSeconds: record.leaseSeconds,
          leaseTransitions: record.transitions,
          renewTime: microTime(record.renewTime),
        },
      };
      try {
        if (resourceVersion) await client.call('PUT', `${leases}/${name}`, { body });
        else await client.call('POST', leases, { body });
        return true;
      } catch (error) {
        if (statusOf(error) === 409 || statusOf(error) === 404) return false;
        throw error;
      }
    },
  };
}
