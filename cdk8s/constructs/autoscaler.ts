import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { derived } from '../scaling/metric-names.ts';
import type { References } from '../helm/value-references.ts';
import type { ApiValues } from '../values/service-values.ts';
import type { Static } from 'typebox';
import type { Workload } from './workload.ts';

/** The operator's annotation for the minimum that holds while nothing is on sale. */
export const baselineAnnotation = 'onsale.dev/baseline';

/**
 * Scales on CPU, requests a second, and slowness; the largest wish wins. It has no minimum: the operator owns that field,
 * and a chart that wrote it would take a warmed sale's floor away.
 */
export function addAutoscaler(scope: Construct, workload: Workload<References<Static<ApiValues>>>): void {
  const { name, labels, values } = workload;
  const { autoscaling } = values;
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name };
  const metrics: k8s.MetricSpecV2[] = [
    {
      type: 'Resource',
      resource: {
        name: 'cpu',
        target: { type: 'Utilization', averageUtilization: autoscaling.targetCpuPercent.number },
      },
    },
    {
      type: 'Pods',
      pods: {
        metric: { name: derived.requestsPerSecond },
        target: {
          type: 'AverageValue',
          averageValue: k8s.Quantity.fromString(autoscaling.requestsPerSecondPerPod.string),
        },
      },
    },
    {
      type: 'Object',
      object: {
        describedObject: target,
        metric: { name: derived.slowStepPods },
        // The value is a number of pods. As Value it would be a ratio of latencies, which runs away.
        target: {
          type: 'AverageValue',
          averageValue: k8s.Quantity.fromNumber(1),
        },
      },
    },
  ];
  new k8s.KubeHorizontalPodAutoscalerV2(scope, 'autoscaler', {
    metadata: {
      name,
      labels,
      annotations: { [baselineAnnotation]: autoscaling.baseline.string },
    },
    spec: {
      scaleTargetRef: target,
      maxReplicas: autoscaling.maxReplicas.number,
      metrics,
      behavior: scalingBehavior(values),
    },
  });
}

/** Out at once and by no more than double, in calmly: the defaults of libraries would take half a day for 150 pods. */
export function scalingBehavior(values: {
  readonly autoscaling: Pick<
    Workload<References<Static<ApiValues>>>['values']['autoscaling'],
    'scaleInAfterSeconds' | 'scaleInPercentPerMinute'
  >;
}): k8s.HorizontalPodAutoscalerBehaviorV2 {
  const { scaleInAfterSeconds, scaleInPercentPerMinute } = values.autoscaling;
  return {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Percent', value: 100, periodSeconds: 15 },
        // Fargate launches 20 pods a second, but a launch takes a minute: more would only overshoot.
        { type: 'Pods', value: 20, periodSeconds: 15 },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: scaleInAfterSeconds.number,
      selectPolicy: 'Max',
      policies: [
        { type: 'Percent', value: scaleInPercentPerMinute.number, periodSeconds: 60 },
        { type: 'Pods', value: 2, periodSeconds: 60 },
      ],
    },
  };
}
