import type { ObservedTarget, TargetKey } from '../plan/sale-demand.ts';
import { type ContainerRequests, fargateVcpus } from './fargate-size.ts';
import type { TicketEventResource } from '../plan/ticket-event-resource.ts';

/** The chart's minimum of a scaled object; the chart itself never renders one. */
export const baselineAnnotation = 'onsale.dev/baseline';

/** What every object of the cluster has. */
export interface ClusterObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly resourceVersion?: string | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
    readonly ownerReferences?: readonly { readonly kind: string }[] | undefined;
  };
}

interface ScaleTargetRef {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

/** The parts of an autoscaling/v2 HorizontalPodAutoscaler that matter here. */
export interface HorizontalPodAutoscaler extends ClusterObject {
  readonly spec?: {
    readonly scaleTargetRef?: ScaleTargetRef;
    readonly minReplicas?: number | undefined;
    readonly maxReplicas?: number | undefined;
  };
}

/** The parts of a KEDA ScaledObject that matter here. */
export interface ScaledObject extends ClusterObject {
  readonly spec?: {
    readonly scaleTargetRef?: ScaleTargetRef;
    readonly minReplicaCount?: number | undefined;
    readonly maxReplicaCount?: number | undefined;
  };
}

interface ContainerResources {
  readonly requests?: ContainerRequests | undefined;
}

/** The parts of a Deployment that matter here. */
export interface Deployment extends ClusterObject {
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template?: {
      readonly spec?: { readonly containers?: readonly { readonly resources?: ContainerResources }[] };
    };
  };
  readonly status?: { readonly readyReplicas?: number };
}

/** Name, owners and baseline, and of the rest what `parts` takes: a cluster's caches hold nothing that is never read. */
function pared<T extends ClusterObject>(object: T, parts: Partial<T>): T {
  const { name, namespace, annotations, ownerReferences } = object.metadata;
  const baseline = annotations?.[baselineAnnotation];
  return {
    metadata: {
      name,
      namespace,
      ownerReferences: ownerReferences?.map(({ kind }) => ({ kind })),
      annotations: baseline === undefined ? undefined : { [baselineAnnotation]: baseline },
    },
    ...parts,
  } as T;
}

const keptRef = ({ kind, name }: ScaleTargetRef = {}): ScaleTargetRef => ({ kind, name });

/** What is cached of an HPA. */
export const keptHpa = (hpa: HorizontalPodAutoscaler): HorizontalPodAutoscaler => {
  const { scaleTargetRef, minReplicas, maxReplicas } = hpa.spec ?? {};
  return pared(hpa, {
    spec: { scaleTargetRef: keptRef(scaleTargetRef), minReplicas, maxReplicas },
  });
};

/** What is cached of a ScaledObject. */
export const keptScaledObject = (object: ScaledObject): ScaledObject => {
  const { scaleTargetRef, minReplicaCount, maxReplicaCount } = object.spec ?? {};
  return pared(object, {
    spec: { scaleTargetRef: keptRef(scaleTargetRef), minReplicaCount, maxReplicaCount },
  });
};

/** What is cached of a Deployment. */
export const keptDeployment = (deployment: Deployment): Deployment =>
  pared(deployment, {
    spec: {
      selector: { matchLabels: deployment.spec?.selector?.matchLabels ?? {} },
      template: {
        spec: {
          containers: (deployment.spec?.template?.spec?.containers ?? []).map(({ resources }) => ({
            resources: { requests: { cpu: resources?.requests?.cpu, memory: resources?.requests?.memory } },
          })),
        },
      },
    },
    status: { readyReplicas: deployment.status?.readyReplicas ?? 0 },
  });

/** What is cached of a TicketEvent: all but who manages which field, and annotations, which hold a copy of it. */
export const keptTicketEvent = (resource: TicketEventResource): TicketEventResource => {
  const {
    managedFields: _fields,
    annotations: _annotations,
    ...metadata
  } = resource.metadata as TicketEventResource['metadata'] & { managedFields?: unknown };
  return { ...resource, metadata };
};

/** A scaled object with what is known of its pods. */
export interface ScaledTarget extends ObservedTarget {
  readonly key: TargetKey;
  readonly namespace: string;
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly name: string;
  /** Of its pods; undefined where the Deployment is not there. */
  readonly labelSelector: string | undefined;
  /** False until the operator has written the baseline down on it. */
  readonly adopted: boolean;
  /** vCPUs that one of its pods takes of the account's quota. */
  readonly vcpus: number;
  readonly liveMin: number;
  readonly readyPods: number;
}

function scaled(
  kind: ScaledTarget['kind'],
  object: ClusterObject,
  spec: { min: number; max: number; ref: ScaleTargetRef | undefined },
  deploymentOf: (namespace: string, name: string) => Deployment | undefined,
): ScaledTarget {
  const namespace = object.metadata.namespace ?? 'default';
  const { name } = object.metadata;
  const annotation = Number(object.metadata.annotations?.[baselineAnnotation] ?? Number.NaN);
  const adopted = Number.isInteger(annotation) && annotation >= 0;
  // A chart may leave the kind out; both kinds then mean a Deployment.
  const deployment = (spec.ref?.kind ?? 'Deployment') === 'Deployment' ? spec.ref?.name : undefined;
  const found = deployment ? deploymentOf(namespace, deployment) : undefined;
  const containers = found?.spec?.template?.spec?.containers ?? [];
  const labels = Object.entries(found?.spec?.selector?.matchLabels ?? {});
  return {
    key: `${namespace}/${kind}/${name}`,
    namespace,
    kind,
    name,
    labelSelector: labels.length > 0 ? labels.map(([key, value]) => `${key}=${value}`).join(',') : undefined,
    vcpus: fargateVcpus(containers.map(({ resources }) => resources?.requests ?? {})),
    adopted,
    baseline: adopted ? annotation : spec.min,
    liveMax: spec.max,
    liveMin: spec.min,
    readyPods: found?.status?.readyReplicas ?? 0,
  };
}

/** Reads all scaled objects of the caches. An absent minimum is the kind's own default: 1 for an HPA, 0 for KEDA. */
export function scaledTargets(
  hpas: readonly HorizontalPodAutoscaler[],
  scaledObjects: readonly ScaledObject[],
  deploymentOf: (namespace: string, name: string) => Deployment | undefined,
): Map<TargetKey, ScaledTarget> {
  const all = new Map<TargetKey, ScaledTarget>();
  for (const hpa of hpas) {
    // KEDA makes an HPA of each ScaledObject and owns its minimum.
    if (hpa.metadata.ownerReferences?.some((owner) => owner.kind === 'ScaledObject')) continue;
    const target = scaled(
      'HorizontalPodAutoscaler',
      hpa,
      { min: hpa.spec?.minReplicas ?? 1, max: hpa.spec?.maxReplicas ?? 1, ref: hpa.spec?.scaleTargetRef },
      deploymentOf,
    );
    all.set(target.key, target);
  }
  for (const object of scaledObjects) {
    const target = scaled(
      'ScaledObject',
      object,
      {
        min: object.spec?.minReplicaCount ?? 0,
        max: object.spec?.maxReplicaCount ?? 100,
        ref: object.spec?.scaleTargetRef,
      },
      deploymentOf,
    );
    all.set(target.key, target);
  }
  return all;
}
