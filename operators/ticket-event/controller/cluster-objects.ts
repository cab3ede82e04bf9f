import type { KubernetesObject, V1Deployment, V2HorizontalPodAutoscaler } from '@kubernetes/client-node';
import type { ObservedTarget, TargetKey } from '../plan/sale-demand.ts';

/** The chart's minimum of a scaled object; the chart itself never renders one. */
export const baselineAnnotation = 'onsale.dev/baseline';

/** The parts of a KEDA ScaledObject that matter here. */
export interface ScaledObject extends KubernetesObject {
  spec?: {
    scaleTargetRef?: { kind?: string; name?: string };
    minReplicaCount?: number;
    maxReplicaCount?: number;
  };
}

/** A scaled object with what is known of its pods. */
export interface ScaledTarget extends ObservedTarget {
  readonly key: TargetKey;
  readonly namespace: string;
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly name: string;
  readonly deployment: string | undefined;
  /** False until the operator has written the baseline down on it. */
  readonly adopted: boolean;
  readonly liveMin: number;
  readonly readyPods: number;
}

function scaled(
  kind: ScaledTarget['kind'],
  object: KubernetesObject,
  spec: { min: number; max: number; ref: { kind?: string; name?: string } | undefined },
  deploymentOf: (namespace: string, name: string) => V1Deployment | undefined,
): ScaledTarget {
  const namespace = object.metadata?.namespace ?? 'default';
  const name = object.metadata?.name ?? '';
  const annotation = Number(object.metadata?.annotations?.[baselineAnnotation] ?? Number.NaN);
  const adopted = Number.isInteger(annotation) && annotation >= 0;
  // A chart may leave the kind out; both kinds then mean a Deployment.
  const deployment = (spec.ref?.kind ?? 'Deployment') === 'Deployment' ? spec.ref?.name : undefined;
  return {
    key: `${namespace}/${kind}/${name}`,
    namespace,
    kind,
    name,
    deployment,
    adopted,
    baseline: adopted ? annotation : spec.min,
    liveMax: spec.max,
    liveMin: spec.min,
    readyPods: deployment ? (deploymentOf(namespace, deployment)?.status?.readyReplicas ?? 0) : 0,
  };
}

/** Reads all scaled objects of the caches. An absent minimum is the kind's own default: 1 for an HPA, 0 for KEDA. */
export function scaledTargets(
  hpas: readonly V2HorizontalPodAutoscaler[],
  scaledObjects: readonly ScaledObject[],
  deploymentOf: (namespace: string, name: string) => V1Deployment | undefined,
): Map<TargetKey, ScaledTarget> {
  const all = new Map<TargetKey, ScaledTarget>();
  for (const hpa of hpas) {
    // KEDA makes an HPA of each ScaledObject and owns its minimum.
    if (hpa.metadata?.ownerReferences?.some((owner) => owner.kind === 'ScaledObject')) continue;
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
