import { ConfirmWorkerEnv } from '@onsale/contracts/env/confirm-worker';
import type { Chart } from 'cdk8s';
import {
  addDisruptionBudget,
  addMonitor,
  addSecurityGroups,
  addServiceAccount,
} from '../constructs/availability.ts';
import { addBaselineHook, scaledObjectKind } from '../constructs/baseline-hook.ts';
import { addDeployment } from '../constructs/deployment.ts';
import { addMigration } from '../constructs/migration.ts';
import { addQueueScaler } from '../constructs/queue-scaler.ts';
import { internalPort } from '../constructs/ports.ts';
import { addReleaseTest } from '../constructs/release-test.ts';
import { addInternalService } from '../constructs/service.ts';
import { addConfigMap, addSecrets } from '../constructs/settings-objects.ts';
import { describeWorkload } from '../constructs/workload.ts';
import { expression } from '../helm/expression.ts';
import type { HelmChart } from '../helm/helm-chart.ts';
import { workerValues } from '../values/service-values.ts';
import { chartSettingsOf } from '../values/settings.ts';
import { workloadRules } from '../values/workload-rules.ts';

const name = 'confirm-worker';
const settings = chartSettingsOf(ConfirmWorkerEnv);
const values = workerValues(ConfirmWorkerEnv);

/** The queue's consumer: commits become tickets or refunds. */
export const confirmWorker: HelmChart = {
  name,
  description: 'Consumer of the commit queue, sweepers and refunds',
  values,
  rules: workloadRules(settings),
  build(chart: Chart) {
    const workload = describeWorkload(name, 'worker', values, settings);
    const { shutdown } = workload.values;
    addServiceAccount(chart, workload);
    addConfigMap(chart, workload, {
      PRE_STOP_DELAY_MS: '0',
      SHUTDOWN_LIMIT_MS: expression(`mul (${shutdown.limitSeconds.text}) 1000`).string,
    });
    addSecrets(chart, workload);
    addMigration(chart, workload);
    addDeployment(chart, workload, {
      track: 'stable',
      isPublic: false,
      limitSeconds: shutdown.limitSeconds.text,
    });
    addQueueScaler(chart, workload);
    addBaselineHook(chart, workload, scaledObjectKind);
    addDisruptionBudget(chart, workload);
    addSecurityGroups(chart, workload);
    addMonitor(chart, workload);
    addInternalService(chart, workload);
    addReleaseTest(chart, workload, [`http://${name}-internal:${internalPort}/readyz`]);
  },
  notes: `confirm-worker {{ .Values.image.tag }} in {{ .Values.site.region }}, for {{ .Values.environment }}.

  kubectl --namespace {{ .Release.Namespace }} get scaledobject,hpa,deployment
  helm --namespace {{ .Release.Namespace }} test {{ .Release.Name }}
{{- if not .Values.autoscaling.enabled }}

Nothing scales it: one pod runs.
{{- else if not .Values.autoscaling.baselineHook }}

Its minimum belongs to the ticket-event-operator. Without the operator it is KEDA’s, none: set autoscaling.baselineHook.
{{- end }}
`,
};
