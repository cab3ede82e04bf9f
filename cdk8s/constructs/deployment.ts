import { ApiObject, type ApiObjectProps } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { expression } from '../helm/expression.ts';
import { podSelector } from './labels.ts';
import { podTemplate, type PodOptions } from './pod-template.ts';
import type { Workload } from './workload.ts';

export interface DeploymentOptions extends Omit<PodOptions, 'terminationGracePeriodSeconds'> {
  /** Only where nothing scales it: a number here would undo what the autoscaler did. */
  readonly replicas?: number;
  /** Where two pods at once would do the same twice, a change ends the old one first; else there is always enough. */
  readonly isAlone?: boolean;
  /** Go template text; a pod keeps serving this long after it was asked to go. */
  readonly serveOnSeconds?: string;
  /** Go template text; the process's own limit after that. */
  readonly limitSeconds: string;
}

/** A Deployment that never has fewer pods than asked for while it changes, or never more than one. */
export function addDeployment(
  scope: Construct,
  workload: Workload,
  { replicas, isAlone = false, serveOnSeconds, limitSeconds, ...pod }: DeploymentOptions,
): ApiObject {
  const { name, labels } = workload;
  const objectName = pod.track === 'stable' ? name : `${name}-canary`;
  const grace = expression(`add (${serveOnSeconds ?? '0'}) (${limitSeconds}) 5`);
  const manifest: unknown = k8s.KubeDeployment.manifest({
    metadata: { name: objectName, labels },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 900,
      selector: { matchLabels: podSelector(name, pod.track) },
      strategy: isAlone
        ? { type: 'Recreate' }
        : {
            type: 'RollingUpdate',
            rollingUpdate: {
              maxSurge: k8s.IntOrString.fromString('25%'),
              maxUnavailable: k8s.IntOrString.fromNumber(0),
            },
          },
      template: podTemplate(workload, { ...pod, terminationGracePeriodSeconds: grace.number }),
    },
  });
  const { template } = (manifest as { spec: { template: { spec: { containers: [object] } } } }).spec;
  if (serveOnSeconds !== undefined) {
    // The kubelet's own sleep needs no program in the image; these types are of a Kubernetes that did not have it yet.
    Object.assign(template.spec.containers[0], {
      lifecycle: { preStop: { sleep: { seconds: expression(serveOnSeconds).number } } },
    });
  }
  return new ApiObject(scope, `deployment-${pod.track}`, manifest as ApiObjectProps);
}
