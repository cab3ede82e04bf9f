import { readFileSync } from 'node:fs';
import { OperatorEnv } from '@onsale/ticket-event-operator/operator-env';
import { ApiObject, type Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Type } from 'typebox';
import { parse, parseAllDocuments } from 'yaml';
import { addDisruptionBudget, addMonitor, addServiceAccount } from '../constructs/availability.ts';
import { addDeployment } from '../constructs/deployment.ts';
import { internalPort } from '../constructs/ports.ts';
import { addReleaseTest } from '../constructs/release-test.ts';
import { addInternalService } from '../constructs/service.ts';
import { addConfigMap, addSecrets } from '../constructs/settings-objects.ts';
import { describeWorkload } from '../constructs/workload.ts';
import { expression } from '../helm/expression.ts';
import { type HelmChart, onlyIf } from '../helm/helm-chart.ts';
import { commonValues } from '../values/service-values.ts';
import { chartSettingsOf, configValues } from '../values/settings.ts';
import { workloadRules } from '../values/workload-rules.ts';

const name = 'ticket-event-operator';
const operatorFile = (path: string) =>
  readFileSync(new URL(`../../operators/ticket-event/${path}`, import.meta.url), 'utf8');

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [key: string]: unknown;
}
const manifestsIn = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as Manifest);

const settings = chartSettingsOf(OperatorEnv);
const values = Type.Object({
  ...commonValues,
  config: configValues(OperatorEnv),
  replicas: Type.Integer({
    description: 'One leads, the others wait for its lease',
    minimum: 1,
    maximum: 5,
    default: 2,
  }),
  editorsGroup: Type.String({
    description: 'Group of the people who prepare sales; nobody is bound when it is empty',
    default: 'onsale:ticket-event-editors',
  }),
  podMonitor: Type.Boolean({ description: 'A PodMonitor for the Prometheus operator', default: false }),
});

/** The operator with its CRD, and no right beyond operators/ticket-event/rbac.yaml. */
export const ticketEventOperator: HelmChart = {
  name,
  description: 'Turns TicketEvents into capacity that is ready before the sale opens',
  values,
  rules: workloadRules(settings),
  build(chart: Chart) {
    const workload = describeWorkload(name, 'operator', values, settings);
    const { labels } = workload;
    addCrd(chart, labels);
    const rules = manifestsIn(operatorFile('rbac.yaml'));
    for (const { metadata, ...rest } of rules)
      new ApiObject(chart, `${rest.kind}-${metadata.name}`, { ...rest, metadata: { ...metadata, labels } });
    for (const { metadata, ...rest } of manifestsIn(operatorFile('admission-policy.yaml')))
      new ApiObject(chart, rest.kind, { ...rest, metadata: { ...metadata, labels } });
    addBindings(chart, labels);
    addServiceAccount(chart, workload);
    const namespace = expression('.Release.Namespace');
    addConfigMap(chart, workload, {
      POD_NAMESPACE: namespace.string,
      ADMIN_URL: `http://public-api-internal.${namespace.part}.svc:${internalPort}`,
    });
    addSecrets(chart, workload);
    // Nothing scales it, so its number is the chart's.
    const deployment = addDeployment(chart, workload, {
      track: 'stable',
      isPublic: false,
      usesApiServer: true,
      // Watches make many young objects: small semi-spaces keep it under 200 MiB.
      nodeOptions: '--max-semi-space-size=1 --max-old-space-size=128',
      replicas: workload.values.replicas.number,
      limitSeconds: '15',
    });
    deployment.addDependency(chart.node.findChild('service-account'));
    addDisruptionBudget(chart, workload);
    addMonitor(chart, workload);
    addInternalService(chart, workload);
    addReleaseTest(chart, workload, [`http://${name}-internal:${internalPort}/readyz`]);
  },
  notes: `The operator {{ .Values.image.tag }} serves {{ .Values.site.region }}.

  kubectl get ticketevents --all-namespaces
  kubectl --namespace {{ .Release.Namespace }} get lease
  helm --namespace {{ .Release.Namespace }} test {{ .Release.Name }}
`,
};

/** As a template, since Helm never upgrades what lies in crds/; kept on uninstall, for with it all sales would go. */
function addCrd(chart: Chart, labels: Record<string, string>): void {
  const { metadata, ...rest } = parse(operatorFile('api/crd.yaml')) as Manifest;
  new ApiObject(chart, 'crd', {
    ...rest,
    metadata: { ...metadata, labels, annotations: { 'helm.sh/resource-policy': 'keep' } },
  });
}

function addBindings(chart: Chart, labels: Record<string, string>): void {
  const subjects = [{ kind: 'ServiceAccount', name, namespace: expression('.Release.Namespace').string }];
  const apiGroup = 'rbac.authorization.k8s.io';
  const metadata = { name, labels };
  new k8s.KubeClusterRoleBinding(chart, 'cluster-binding', {
    metadata,
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects,
  });
  new k8s.KubeRoleBinding(chart, 'binding', {
    metadata,
    roleRef: { apiGroup, kind: 'Role', name },
    subjects,
  });
  onlyIf(
    '.Values.editorsGroup',
    new k8s.KubeClusterRoleBinding(chart, 'editors-binding', {
      metadata: { name: 'ticket-event-editor', labels },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'ticket-event-editor' },
      subjects: [{ kind: 'Group', apiGroup, name: expression('.Values.editorsGroup').string }],
    }),
  );
}
