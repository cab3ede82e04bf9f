import { readFileSync } from 'node:fs';
import { ApiObject, type Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Type } from 'typebox';
import { objectLabels, serviceSelector } from '../constructs/labels.ts';
import { containerSecurityContext, podSecurityContext } from '../constructs/pod-template.ts';
import { expression } from '../helm/expression.ts';
import type { HelmChart } from '../helm/helm-chart.ts';
import { valueReferences } from '../helm/value-references.ts';

const name = 'loadtest';
const file = 'archive.tar';

/** The k6 that a laptop runs is the one that runners run. */
function pinnedK6(): string {
  const module = readFileSync(new URL('../../loadtest/k6-program/go/go.mod', import.meta.url), 'utf8');
  const version = /^require go\.k6\.io\/k6 v(\S+)$/m.exec(module)?.[1];
  if (version === undefined) throw new Error('loadtest/k6-program/go/go.mod names no version of k6');
  return version;
}

const values = Type.Object({
  profile: Type.String({
    description: 'Name of the profile the archive runs, for those who look at the cluster',
    pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  }),
  archive: Type.String({
    description:
      'What k6 archive made of profile, address and fixtures, in base64; a ConfigMap holds no more than a MiB',
    pattern: '^[A-Za-z0-9+/]+={0,2}$',
    maxLength: 1_000_000,
  }),
  parallelism: Type.Integer({
    description: 'Runners; each takes an equal part of the load, and owes its figures',
    minimum: 1,
    maximum: 1000,
  }),
  image: Type.Unsafe<string>({
    type: 'string',
    description: 'Image with k6, of the version that this repository pins',
    pattern: '^[^:\\s]+(:[0-9]+/[^:\\s]+)?:[A-Za-z0-9_][A-Za-z0-9_.-]*(@sha256:[0-9a-f]{64})?$',
    not: { pattern: ':latest$' },
    default: `grafana/k6:${pinnedK6()}`,
  }),
  starterImage: Type.String({
    description: 'Image with sh and curl that starts all runners at once; k6-operator’s own when empty',
    default: '',
  }),
  resources: Type.Object(
    {
      cpu: Type.String({ description: 'CPU of a runner', pattern: '^[1-9][0-9]*m?$', default: '4' }),
      memoryMi: Type.Integer({
        description: 'Memory of a runner in MiB; a Fargate size less the 256 MB Fargate keeps',
        minimum: 256,
        default: 7936,
      }),
    },
    { description: 'Requests and limits, which are the same: a runner that is throttled measures itself' },
  ),
  separate: Type.Boolean({
    description:
      'No two runners on a node, whose network they would share; false where every pod has a node of its own',
    default: true,
  }),
  nodeSelector: Type.Record(Type.String(), Type.String(), {
    description: 'Labels of the nodes that runners may use',
    default: {},
  }),
  arguments: Type.String({ description: 'Further arguments of k6 run', default: '' }),
  prometheusUrl: Type.String({
    description: 'Remote-write address that runners send their metrics to; none when empty',
    pattern: '^(https?://.+)?$',
    default: '',
  }),
});

/** A load test divided among pods by k6-operator. It belongs in a cluster that the sale does not share. */
export const loadtest: HelmChart = {
  name,
  description: 'A load test as a TestRun of k6-operator, for a cluster outside the sale’s account or Region',
  values,
  build(chart: Chart) {
    const of = valueReferences(values);
    const labels = objectLabels(name, 'loadtest');
    const metadata = { name, labels };
    new k8s.KubeServiceAccount(chart, 'service-account', { metadata, automountServiceAccountToken: false });
    new ApiObject(chart, 'script', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      binaryData: { [file]: of.archive.string },
    });
    const pod = {
      serviceAccountName: name,
      automountServiceAccountToken: 'false',
      securityContext: podSecurityContext,
      metadata: { labels: serviceSelector(name) },
    };
    const amounts = { cpu: of.resources.cpu.string, memory: `${of.resources.memoryMi.part}Mi` };
    const small = { cpu: '500m', memory: '768Mi' };
    new ApiObject(chart, 'test-run', {
      apiVersion: 'k6.io/v1alpha1',
      kind: 'TestRun',
      metadata: { ...metadata, annotations: { 'onsale.dev/profile': of.profile.string } },
      spec: {
        parallelism: of.parallelism.number,
        script: { configMap: { name, file } },
        arguments: of.arguments.string,
        separate: of.separate.boolean,
        // No `cleanup: post`: it would delete the pods, and with them the figures nobody has read yet.
        runner: {
          ...pod,
          image: of.image.string,
          containerSecurityContext,
          resources: { requests: amounts, limits: amounts },
          nodeSelector: expression('.Values.nodeSelector').map,
          env: [
            { name: 'K6_NO_USAGE_REPORT', value: 'true' },
            {
              name: 'K6_OUT',
              value: expression(`ternary "" "experimental-prometheus-rw" (empty ${of.prometheusUrl.text})`)
                .string,
            },
            { name: 'K6_PROMETHEUS_RW_SERVER_URL', value: of.prometheusUrl.string },
            { name: 'K6_PROMETHEUS_RW_TREND_STATS', value: 'p(50),p(95),p(99)' },
          ],
        },
        initializer: {
          ...pod,
          image: of.image.string,
          // It unpacks the archive under /tmp, and not every version of the operator mounts volumes there.
          containerSecurityContext: { ...containerSecurityContext, readOnlyRootFilesystem: false },
          resources: { requests: small, limits: small },
        },
        starter: {
          ...pod,
          image: of.starterImage.string,
          containerSecurityContext,
          resources: { requests: small, limits: small },
        },
      },
    });
  },
  notes: `{{ .Values.profile }}, by {{ .Values.parallelism }} runners.

  kubectl --namespace {{ .Release.Namespace }} get testrun loadtest
  kubectl --namespace {{ .Release.Namespace }} logs --selector k6_cr=loadtest,runner=true --tail=-1 --prefix

Figures are in the runners’ logs, and go with their pods: npm run loadtest -- --help collects them.
`,
};
