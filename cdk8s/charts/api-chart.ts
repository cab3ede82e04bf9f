import type { Chart } from 'cdk8s';
import type { TObject } from 'typebox';
import { addAutoscaler } from '../constructs/autoscaler.ts';
import {
  addDisruptionBudget,
  addMonitor,
  addSecurityGroups,
  addServiceAccount,
} from '../constructs/availability.ts';
import { addBaselineHook, autoscalerKind } from '../constructs/baseline-hook.ts';
import { addDeployment } from '../constructs/deployment.ts';
import { addEntry } from '../constructs/entry.ts';
import { addMigration } from '../constructs/migration.ts';
import { internalPort, publicPort } from '../constructs/ports.ts';
import { addReleaseTest } from '../constructs/release-test.ts';
import { addConfigMap, addSecrets } from '../constructs/settings-objects.ts';
import { describeWorkload } from '../constructs/workload.ts';
import { expression } from '../helm/expression.ts';
import { type HelmChart, onlyIf } from '../helm/helm-chart.ts';
import { apiValues } from '../values/service-values.ts';
import { workloadRules } from '../values/workload-rules.ts';
import { chartSettingsOf } from '../values/settings.ts';

export interface ApiChartOptions {
  readonly name: 'public-api' | 'confirm-api';
  readonly description: string;
  readonly env: TObject;
  /** Prefixes it serves, as the load balancer's rules have them. */
  readonly paths: readonly string[];
  /** Answers 200 when all is well. */
  readonly healthPath: string;
}

/** Buyers say who they are by a token wherever real tickets are sold; and something must check the tokens. */
const identityRules = [
  {
    if: { properties: { environment: { const: 'production' } } },
    then: { properties: { config: { properties: { IDENTITY: { const: 'bearer' } } } } },
  },
  {
    if: {
      properties: {
        environment: { enum: ['staging', 'production'] },
        config: { properties: { IDENTITY: { const: 'bearer' } } },
      },
    },
    then: { properties: { site: { properties: { jwksUrl: { minLength: 1 } } } } },
  },
];

/** The chart of a service the load balancer reaches. */
export function apiChart({ name, description, env, paths, healthPath }: ApiChartOptions): HelmChart {
  const values = apiValues(env);
  const settings = chartSettingsOf(env);
  const build = (chart: Chart) => {
    const workload = describeWorkload(name, 'api', values, settings);
    const { shutdown, canary } = workload.values;
    addServiceAccount(chart, workload);
    addConfigMap(chart, workload, {
      // The pre-stop sleep has waited already.
      PRE_STOP_DELAY_MS: '0',
      SHUTDOWN_LIMIT_MS: expression(`mul (${shutdown.limitSeconds.text}) 1000`).string,
    });
    addSecrets(chart, workload);
    addMigration(chart, workload);
    const pods = {
      isPublic: true,
      serveOnSeconds: `add (${shutdown.deregistrationDelaySeconds.text}) 5`,
      limitSeconds: shutdown.limitSeconds.text,
    };
    addDeployment(chart, workload, { ...pods, track: 'stable' });
    const trial = addDeployment(chart, workload, {
      ...pods,
      track: 'canary',
      image: canary,
      replicas: canary.replicas.number,
    });
    onlyIf(canary.enabled.text, trial);
    addEntry(chart, workload, paths);
    addAutoscaler(chart, workload);
    addBaselineHook(chart, workload, autoscalerKind);
    addDisruptionBudget(chart, workload);
    addSecurityGroups(chart, workload);
    addMonitor(chart, workload);
    addReleaseTest(chart, workload, [
      `http://${name}:${publicPort}${healthPath}`,
      `http://${name}-internal:${internalPort}/readyz`,
    ]);
  };
  return {
    name,
    description,
    values,
    rules: [...workloadRules(settings), ...identityRules, canaryRule],
    build,
    notes: notesOf(name),
    files: { 'templates/refuse.yaml': refusal },
  };
}

const canaryRule = {
  if: { properties: { canary: { properties: { enabled: { const: true } } } } },
  then: { properties: { canary: { properties: { tag: { minLength: 1 } } } } },
};

/** The schema refuses it too; `--skip-schema-validation` must not be a way around. */
const refusal = `{{- if and (eq .Values.environment "production") (ne .Values.config.IDENTITY "bearer") }}
{{- fail "IDENTITY=open takes anybody for anybody: never in production" }}
{{- end }}
`;

const notesOf = (
  name: string,
) => `${name} {{ .Values.image.tag }} in {{ .Values.site.region }}, for {{ .Values.environment }}.

  kubectl --namespace {{ .Release.Namespace }} rollout status deployment/${name}
  helm --namespace {{ .Release.Namespace }} test {{ .Release.Name }}
{{- if .Values.canary.enabled }}

A canary runs {{ .Values.canary.tag }} on {{ .Values.canary.replicas }} pods; promote or abort it: npm run rollout.
{{- end }}
{{- if not .Values.autoscaling.baselineHook }}

Its minimum belongs to the ticket-event-operator. Without the operator it is 1: set autoscaling.baselineHook.
{{- end }}
`;
