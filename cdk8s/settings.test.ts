import { BotsEnv } from '@onsale/contracts/env/bots';
import { ConfirmApiEnv } from '@onsale/contracts/env/confirm-api';
import { ConfirmWorkerEnv } from '@onsale/contracts/env/confirm-worker';
import { PublicApiEnv } from '@onsale/contracts/env/public-api';
import { TracingEnv } from '@onsale/contracts/env/tracing';
import { kubectlAndHelm } from '@onsale/control-plane/kubectl-layer';
import { OperatorEnv } from '@onsale/ticket-event-operator/operator-env';
import t from 'tap';
import type { TObject } from 'typebox';
import { Value } from 'typebox/value';
import { type RenderedObject, renderChart } from './helm/render-chart.ts';
import { environments } from './values/environments.ts';

// Other programs are started often; a busy machine takes its time.
t.setTimeout(240_000);
const { helm } = await kubectlAndHelm();
const processes: Record<string, TObject> = {
  'public-api': PublicApiEnv,
  'confirm-api': ConfirmApiEnv,
  'confirm-worker': ConfirmWorkerEnv,
  'ticket-event-operator': OperatorEnv,
  bots: BotsEnv,
};

/** What the container sees: every variable, with its value where the chart itself knows it. */
function environmentOf(objects: readonly RenderedObject[], name: string): Map<string, string | undefined> {
  const seen = new Map<string, string | undefined>();
  for (const object of objects) {
    if (object.metadata.name !== name) continue;
    const { kind } = object;
    const part = (path: string) => (object as any)[path] as Record<string, string>;
    if (kind === 'ConfigMap') for (const [key, value] of Object.entries(part('data'))) seen.set(key, value);
    if (kind === 'Secret')
      for (const [key, value] of Object.entries(part('stringData'))) seen.set(key, value);
    if (kind === 'ExternalSecret')
      for (const key of Object.keys((object.spec as any).target.template.data)) seen.set(key, undefined);
    if (kind === 'Deployment')
      for (const { name: key } of (object.spec as any).template.spec.containers[0].env)
        seen.set(key, undefined);
  }
  return seen;
}

for (const [name, schema] of Object.entries(processes)) {
  t.test(
    `${name}: every setting it requires is given, each is one it knows, and none is malformed`,
    async (t) => {
      const known = { ...schema.properties, ...TracingEnv.properties } as Record<string, any>;
      for (const environment of environments) {
        const given = environmentOf(renderChart(helm, name, environment), name);
        for (const variable of (schema as { required?: string[] }).required ?? [])
          if (known[variable].default === undefined) t.ok(given.has(variable), `${environment}: ${variable}`);
        for (const [variable, value] of given) {
          const setting = known[variable];
          // Node's own.
          if (variable === 'NODE_OPTIONS') continue;
          t.ok(setting, `${environment}: ${name} knows ${variable}`);
          // As the process takes it: an empty one is not given.
          if (setting === undefined || value === undefined || value === '') continue;
          t.ok(Value.Check(setting, Value.Convert(setting, value)), `${environment}: ${variable}`);
          if (setting.secret) t.equal(environment, 'local', `${variable} is not in values`);
        }
      }
    },
  );
}
