import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { expression } from '../helm/expression.ts';
import { onlyIf } from '../helm/helm-chart.ts';
import { podSelector, serviceSelector } from './labels.ts';
import { addPodMonitor, addSecurityGroupPolicy } from './third-party.ts';
import { ofSite, type Workload } from './workload.ts';

/** The account pods run as; on AWS it takes a role by its token, as Fargate knows no Pod Identity. */
export function addServiceAccount(scope: Construct, workload: Workload): void {
  const { name, labels } = workload;
  const role = ofSite(workload, 'roleArns');
  new k8s.KubeServiceAccount(scope, 'service-account', {
    metadata: {
      name,
      labels,
      annotations: expression(
        `ternary (dict) (dict "eks.amazonaws.com/role-arn" ${role.text} "eks.amazonaws.com/sts-regional-endpoints" "true") (empty ${role.text})`,
      ).map,
    },
    automountServiceAccountToken: false,
  });
}

/** Evictions, such as Fargate's for patches, take a tenth of the pods at a time. */
export function addDisruptionBudget(scope: Construct, { name, labels }: Workload): void {
  new k8s.KubePodDisruptionBudget(scope, 'disruption-budget', {
    metadata: { name, labels },
    spec: {
      maxUnavailable: k8s.IntOrString.fromString('10%'),
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: podSelector(name, 'stable') },
    },
  });
}

/** The pods' own security group, and the cluster's, without which they reach neither DNS nor each other. */
export function addSecurityGroups(scope: Construct, workload: Workload): void {
  const { name, labels, values } = workload;
  const group = ofSite(workload, 'securityGroups');
  onlyIf(
    group.text,
    addSecurityGroupPolicy(scope, 'security-groups', {
      metadata: { name, labels },
      selector: serviceSelector(name),
      groupIds: [group.string, values.site.clusterSecurityGroup.string],
    }),
  );
}

/** Metrics for the Prometheus operator. */
export function addMonitor(scope: Construct, { name, labels }: Workload): void {
  onlyIf(
    '.Values.podMonitor',
    addPodMonitor(scope, 'monitor', {
      metadata: { name, labels },
      selector: serviceSelector(name),
      port: 'internal',
    }),
  );
}
