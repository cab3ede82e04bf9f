import { BotsEnv } from '@onsale/contracts/env/bots';
import type { Chart } from 'cdk8s';
import { Type } from 'typebox';
import { addMonitor, addServiceAccount } from '../constructs/availability.ts';
import { addDeployment } from '../constructs/deployment.ts';
import { internalPort } from '../constructs/ports.ts';
import { addReleaseTest } from '../constructs/release-test.ts';
import { addInternalService } from '../constructs/service.ts';
import { addConfigMap, addSecrets } from '../constructs/settings-objects.ts';
import { describeWorkload } from '../constructs/workload.ts';
import { expression } from '../helm/expression.ts';
import type { HelmChart } from '../helm/helm-chart.ts';
import { commonValues, podMonitorValue, shutdown } from '../values/service-values.ts';
import { chartSettingsOf, configValues } from '../values/settings.ts';
import { workloadRules } from '../values/workload-rules.ts';

const name = 'bots';
const settings = chartSettingsOf(BotsEnv);
const values = Type.Object({
  ...commonValues,
  config: configValues(BotsEnv),
  shutdown: Type.Object(
    // Long enough for a bot to finish what it has paid.
    { limitSeconds: Type.Integer({ ...shutdown.limitSeconds, default: 75 }) },
    { description: 'How the pod ends without a seat left held' },
  ),
  podMonitor: podMonitorValue,
});

/** Bots buy what they take part in: where real tickets are sold that is practice events alone, and never unasked. */
const practiceRule = {
  if: { properties: { environment: { const: 'production' } } },
  then: {
    properties: {
      config: { properties: { BOTS_EVENTS: { const: '' }, BOTS_ENABLED: { const: false } } },
    },
  },
};

/** Competitors in practice rounds. Nothing evicts or scales them but their one pod: two would play the same bots. */
export const bots: HelmChart = {
  name,
  description: 'Competitors in practice rounds, switched off until somebody asks for them',
  values,
  rules: [...workloadRules(settings), practiceRule],
  build(chart: Chart) {
    const workload = describeWorkload(name, 'bots', values, settings);
    const { limitSeconds } = workload.values.shutdown;
    addServiceAccount(chart, workload);
    addConfigMap(chart, workload, {
      PRE_STOP_DELAY_MS: '0',
      SHUTDOWN_LIMIT_MS: expression(`mul (${limitSeconds.text}) 1000`).string,
    });
    addSecrets(chart, workload);
    addDeployment(chart, workload, {
      track: 'stable',
      isPublic: false,
      replicas: 1,
      isAlone: true,
      limitSeconds: limitSeconds.text,
    });
    addMonitor(chart, workload);
    addInternalService(chart, workload);
    addReleaseTest(chart, workload, [`http://${name}-internal:${internalPort}/readyz`]);
  },
  notes: `Bots {{ .Values.image.tag }} buy at {{ .Values.site.apiBase }}, for {{ .Values.environment }}.
{{- if .Values.config.BOTS_ENABLED }} They compete from the start on.{{ else }} They are off.{{ end }}

  kubectl --namespace {{ .Release.Namespace }} port-forward service/${name}-internal 9091:${internalPort}
  npm run onsale -- bots on|off|status --bots-url http://127.0.0.1:9091
  helm --namespace {{ .Release.Namespace }} test {{ .Release.Name }}
`,
};
