import { readFileSync } from 'node:fs';
import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { expression } from '../helm/expression.ts';
import { onlyIf } from '../helm/helm-chart.ts';
import { containerSecurityContext, imageOf, podSecurityContext } from './pod-template.ts';
import type { Workload } from './workload.ts';

const script = readFileSync(new URL('../hooks/apply-baseline.mjs', import.meta.url), 'utf8');

/** The object whose minimum is set. */
export interface ScaledKind {
  readonly group: 'autoscaling' | 'keda.sh';
  readonly version: string;
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly plural: string;
  readonly field: 'minReplicas' | 'minReplicaCount';
}

export const autoscalerKind: ScaledKind = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  field: 'minReplicas',
};
export const scaledObjectKind: ScaledKind = {
  group: 'keda.sh',
  version: 'v1alpha1',
  kind: 'ScaledObject',
  plural: 'scaledobjects',
  field: 'minReplicaCount',
};

/**
 * Where no operator runs, sets the minimum to the baseline after the installation. Never on an upgrade: that could fall
 * into a sale whose floors people have raised.
 */
export function addBaselineHook(scope: Construct, workload: Workload, scaled: ScaledKind): void {
  const { name, labels } = workload;
  const objectName = `${name}-baseline`;
  const enabled = '.Values.autoscaling.baselineHook';
  const metadata = { name: objectName, labels };
  const namespace = expression('.Release.Namespace');
  onlyIf(
    enabled,
    new k8s.KubeServiceAccount(scope, 'baseline-account', { metadata, automountServiceAccountToken: false }),
  );
  onlyIf(
    enabled,
    new k8s.KubeRole(scope, 'baseline-role', {
      metadata,
      rules: [
        {
          apiGroups: [scaled.group],
          resources: [scaled.plural],
          resourceNames: [name],
          verbs: ['get', 'patch'],
        },
      ],
    }),
  );
  onlyIf(
    enabled,
    new k8s.KubeRoleBinding(scope, 'baseline-binding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: objectName },
      subjects: [{ kind: 'ServiceAccount', name: objectName, namespace: namespace.string }],
    }),
  );
  onlyIf(
    enabled,
    new k8s.KubeConfigMap(scope, 'baseline-script', { metadata, data: { 'apply-baseline.mjs': script } }),
  );
  const body = {
    apiVersion: `${scaled.group}/${scaled.version}`,
    kind: scaled.kind,
    metadata: { name },
    spec: { [scaled.field]: '§' },
  };
  const amounts = { cpu: k8s.Quantity.fromString('250m'), memory: k8s.Quantity.fromString('256Mi') };
  onlyIf(
    enabled,
    new k8s.KubeJob(scope, 'baseline-job', {
      metadata: {
        ...metadata,
        annotations: {
          'helm.sh/hook': 'post-install',
          'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
        },
      },
      spec: {
        backoffLimit: 6,
        activeDeadlineSeconds: 300,
        template: {
          metadata: { labels: { ...labels, 'app.kubernetes.io/name': objectName } },
          spec: {
            restartPolicy: 'Never',
            serviceAccountName: objectName,
            automountServiceAccountToken: true,
            enableServiceLinks: false,
            securityContext: podSecurityContext,
            containers: [
              {
                name: 'baseline',
                image: imageOf(workload),
                imagePullPolicy: workload.values.image.pullPolicy.string,
                command: ['node', '/hooks/apply-baseline.mjs'],
                env: [
                  { name: 'API_SERVER', value: 'https://kubernetes.default.svc' },
                  { name: 'TOKEN_FILE', value: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
                  {
                    name: 'NODE_EXTRA_CA_CERTS',
                    value: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
                  },
                  {
                    name: 'RESOURCE',
                    value: `/apis/${body.apiVersion}/namespaces/${namespace.part}/${scaled.plural}/${name}`,
                  },
                  {
                    name: 'BODY',
                    value: JSON.stringify(body).replace(
                      '"§"',
                      expression('int64 .Values.autoscaling.baseline').part,
                    ),
                  },
                ],
                volumeMounts: [{ name: 'script', mountPath: '/hooks', readOnly: true }],
                resources: { requests: amounts, limits: amounts },
                securityContext: containerSecurityContext,
              },
            ],
            volumes: [{ name: 'script', configMap: { name: objectName } }],
          },
        },
      },
    }),
  );
}
