import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { expression } from '../helm/expression.ts';
import { onlyIf } from '../helm/helm-chart.ts';
import { containerSecurityContext, imageOf, podSecurityContext } from './pod-template.ts';
import { databaseProperties, postgresTemplate } from './settings-objects.ts';
import { addExternalSecret, addSecurityGroupPolicy } from './third-party.ts';
import { ofSite, type Workload } from './workload.ts';

/** Before an installation and an upgrade; what a failed attempt has left goes first, so that it can run again. */
const hook = (weight: number) => ({
  'helm.sh/hook': 'pre-install,pre-upgrade',
  'helm.sh/hook-weight': String(weight),
  'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
});

/**
 * Brings the database to the newest schema with the release's own image, as the owner of the database. Charts come in any
 * order: each runs it, one at a time migrates, the others find nothing to do. Migrations only add, so the release
 * before and after may run side by side.
 */
export function addMigration(scope: Construct, workload: Workload): void {
  const { name, labels, values } = workload;
  const objectName = `${name}-migrate`;
  const selector = { 'app.kubernetes.io/name': objectName };
  const group = ofSite(workload, 'securityGroups');
  const enabled = '.Values.migration.enabled';
  onlyIf(
    `and ${enabled} ${group.text}`,
    addSecurityGroupPolicy(scope, 'migration-security-groups', {
      metadata: { name: objectName, labels, annotations: hook(-20) },
      selector,
      groupIds: [group.string, values.site.clusterSecurityGroup.string],
    }),
  );
  onlyIf(
    `and ${enabled} (eq .Values.secrets.from "external")`,
    addExternalSecret(scope, 'migration-external-secret', {
      metadata: { name: objectName, labels, annotations: hook(-20) },
      // The services' user is made by the Job where it is not there.
      template: {
        POSTGRES_URL: postgresTemplate(values),
        SERVICE_POSTGRES_URL: postgresTemplate(values, 'service_'),
      },
      data: [
        ...databaseProperties(expression('.Values.site.secretKeys.databaseOwner').string),
        ...databaseProperties(expression('.Values.site.secretKeys.database').string, 'service_'),
      ],
    }),
  );
  onlyIf(
    `and ${enabled} (eq .Values.secrets.from "inline")`,
    new k8s.KubeSecret(scope, 'migration-secret', {
      metadata: { name: objectName, labels, annotations: hook(-20) },
      type: 'Opaque',
      stringData: { POSTGRES_URL: expression('.Values.secrets.inline.POSTGRES_URL').string },
    }),
  );
  const amounts = { cpu: k8s.Quantity.fromString('250m'), memory: k8s.Quantity.fromString('256Mi') };
  onlyIf(
    enabled,
    new k8s.KubeJob(scope, 'migration-job', {
      metadata: { name: objectName, labels, annotations: hook(-10) },
      spec: {
        // A pod whose database is not there yet is tried again; the migrations are safe to begin anew.
        backoffLimit: 6,
        activeDeadlineSeconds: 900,
        template: {
          metadata: { labels: { ...labels, ...selector } },
          spec: {
            restartPolicy: 'Never',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurityContext,
            containers: [
              {
                name: 'migrate',
                image: imageOf(workload),
                imagePullPolicy: values.image.pullPolicy.string,
                command: ['node', '/app/migrate/main.mjs'],
                envFrom: [{ secretRef: { name: objectName } }],
                resources: { requests: amounts, limits: amounts },
                securityContext: containerSecurityContext,
              },
            ],
          },
        },
      },
    }),
  );
}
