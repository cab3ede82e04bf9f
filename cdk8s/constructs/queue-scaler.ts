import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Static } from 'typebox';
import { expression } from '../helm/expression.ts';
import { onlyIf } from '../helm/helm-chart.ts';
import type { References } from '../helm/value-references.ts';
import type { WorkerValues } from '../values/service-values.ts';
import { baselineAnnotation, scalingBehavior } from './autoscaler.ts';
import { podSelector } from './labels.ts';
import type { Workload } from './workload.ts';

/**
 * KEDA scales the worker by one number of pods: as many as the queue's depth needs, and while the oldest message is too
 * old at least 20 % more than there are. Age alone as a metric would be divided by pods and ignore how many there are.
 */
export function addQueueScaler(scope: Construct, workload: Workload<References<Static<WorkerValues>>>): void {
  const { name, labels, values } = workload;
  const { autoscaling, site } = values;
  const queueUrl = site.commitQueueUrl.string;
  const region = site.region.string;
  const enabled = autoscaling.enabled.text;
  onlyIf(
    enabled,
    new ApiObject(scope, 'trigger-authentication', {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata: { name, labels },
      // KEDA's own role: it may read the queue's attributes and metrics, and nothing else.
      spec: { podIdentity: { provider: 'aws', identityOwner: 'keda' } },
    }),
  );
  const depth = `depth / ${autoscaling.messagesPerPod.part}`;
  const selector = Object.entries(podSelector(name, 'stable')).map(([key, value]) => `${key}=${value}`);
  onlyIf(
    enabled,
    new ApiObject(scope, 'scaled-object', {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name, labels, annotations: { [baselineAnnotation]: autoscaling.baseline.string } },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        pollingInterval: 15,
        cooldownPeriod: 300,
        maxReplicaCount: autoscaling.maxReplicas.number,
        // KEDA's default here could shrink a fleet in mid-sale because a metric is away.
        fallback: {
          failureThreshold: 3,
          replicas: autoscaling.baseline.number,
          behavior: 'currentReplicasIfHigher',
        },
        advanced: {
          restoreToOriginalReplicaCount: false,
          horizontalPodAutoscalerConfig: { name: `keda-${name}`, behavior: scalingBehavior(values) },
          scalingModifiers: {
            formula: `age > ${autoscaling.oldestMessageSeconds.part} ? max(${depth}, 1.2 * workers) : ${depth}`,
            target: '1',
            activationTarget: '0',
            metricType: 'AverageValue',
          },
        },
        triggers: [
          {
            type: 'aws-sqs-queue',
            name: 'depth',
            metadata: {
              queueURL: queueUrl,
              awsRegion: region,
              queueLength: autoscaling.messagesPerPod.string,
              // Messages under way are work too.
              scaleOnInFlight: 'true',
            },
            authenticationRef: { name },
          },
          {
            type: 'aws-cloudwatch',
            name: 'age',
            metadata: {
              namespace: 'AWS/SQS',
              metricName: 'ApproximateAgeOfOldestMessage',
              dimensionName: 'QueueName',
              dimensionValue: expression('.Values.site.commitQueueUrl | splitList "/" | last').string,
              metricStat: 'Maximum',
              metricStatPeriod: '60',
              metricCollectionTime: '300',
              // An empty queue has no oldest message.
              minMetricValue: '0',
              ignoreNullValues: 'true',
              targetMetricValue: autoscaling.oldestMessageSeconds.string,
              awsRegion: region,
            },
            authenticationRef: { name },
          },
          {
            type: 'kubernetes-workload',
            name: 'workers',
            metadata: { podSelector: selector.join(','), value: '1' },
          },
        ],
      },
    }),
  );
}
