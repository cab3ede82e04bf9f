import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { expression } from '../helm/expression.ts';

// Kinds of other projects, as far as the charts use them; a real API server checks them against the projects' own CRDs.

interface Named {
  readonly metadata: ApiObjectMetadata;
}

interface RemoteDatum {
  readonly secretKey: string;
  readonly remoteRef: { readonly key: string; readonly property?: string };
}

/** External Secrets: a Secret kept in step with Secrets Manager. */
export function addExternalSecret(
  scope: Construct,
  id: string,
  {
    metadata,
    template,
    data,
  }: Named & {
    readonly template: Readonly<Record<string, string>>;
    readonly data: readonly RemoteDatum[];
  },
): ApiObject {
  return new ApiObject(scope, id, {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata,
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: 'ClusterSecretStore', name: expression('.Values.site.secretStore').string },
      target: {
        name: metadata.name,
        creationPolicy: 'Owner',
        template: { engineVersion: 'v2', data: template },
      },
      data,
    },
  });
}

/** AWS's VPC controller: security groups of the pods that are selected. */
export function addSecurityGroupPolicy(
  scope: Construct,
  id: string,
  {
    metadata,
    selector,
    groupIds,
  }: Named & {
    readonly selector: Readonly<Record<string, string>>;
    readonly groupIds: readonly string[];
  },
): ApiObject {
  return new ApiObject(scope, id, {
    apiVersion: 'vpcresources.k8s.aws/v1beta1',
    kind: 'SecurityGroupPolicy',
    metadata,
    spec: { podSelector: { matchLabels: selector }, securityGroups: { groupIds } },
  });
}

/** AWS's load balancer controller: ready pods of a Service become targets of a group it does not own. */
export function addTargetGroupBinding(
  scope: Construct,
  id: string,
  {
    metadata,
    service,
    port,
    targetGroupArn,
  }: Named & {
    readonly service: string;
    readonly port: string;
    readonly targetGroupArn: string;
  },
): ApiObject {
  return new ApiObject(scope, id, {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata,
    spec: { serviceRef: { name: service, port }, targetGroupARN: targetGroupArn, targetType: 'ip' },
  });
}

/** The Prometheus operator: which pods are scraped. Pods, because a ServiceMonitor would overwrite the label `service`. */
export function addPodMonitor(
  scope: Construct,
  id: string,
  {
    metadata,
    selector,
    port,
  }: Named & { readonly selector: Readonly<Record<string, string>>; readonly port: string },
): ApiObject {
  return new ApiObject(scope, id, {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata,
    spec: {
      selector: { matchLabels: selector },
      podMetricsEndpoints: [{ port, path: '/metrics', interval: '15s' }],
    },
  });
}
