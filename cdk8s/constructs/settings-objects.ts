import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { expression, pastHelm } from '../helm/expression.ts';
import { onlyIf } from '../helm/helm-chart.ts';
import { inlineOnly, siteSettings } from '../values/settings.ts';
import { Site } from '../values/site.ts';
import { internalPort, publicPort } from './ports.ts';
import { addExternalSecret } from './third-party.ts';
import type { Workload } from './workload.ts';

/**
 * What External Secrets makes an address of the database from: the secret gives user and password, which is all that
 * Aurora's own hold; the site gives the rest.
 */
export const postgresTemplate = ({ site: { database } }: Workload['values'], prefix = ''): string =>
  [
    'postgres://',
    pastHelm(`.${prefix}username | urlquery`),
    ':',
    pastHelm(`.${prefix}password | urlquery`),
    `@${database.host.part}:${database.port.part}/${database.name.part}?sslmode=verify-full`,
  ].join('');

/** Where user and password are found in Secrets Manager; a prefix tells two users apart. */
export const databaseProperties = (key: string, prefix = '') =>
  ['username', 'password'].map((property) => ({
    secretKey: `${prefix}${property}`,
    remoteRef: { key, property },
  }));

/** Every variable but the secret ones, as a ConfigMap; `chart` gives those that follow from the manifest. */
export function addConfigMap(scope: Construct, workload: Workload, chart: Record<string, string>): void {
  const { name, labels, settings } = workload;
  const data: Record<string, string> = {
    HOST: '0.0.0.0',
    INTERNAL_PORT: String(internalPort),
    OTEL_SERVICE_NAME: name,
  };
  for (const { variable, schema, from } of settings) {
    if (from === 'value') {
      const path = `.Values.config.${variable}`;
      data[variable] = expression(schema.type === 'integer' ? `int64 ${path}` : path).string;
    }
    if (from === 'site')
      data[variable] = expression(
        `.Values.site.${siteSettings[variable as keyof typeof siteSettings]}`,
      ).string;
    if (variable === 'PORT') data[variable] = String(publicPort);
  }
  new k8s.KubeConfigMap(scope, 'config', { metadata: { name, labels }, data: { ...data, ...chart } });
}

/** The secret variables, as one Secret: made by External Secrets, from values, or there already. */
export function addSecrets(scope: Construct, workload: Workload): void {
  const { name, labels, settings, values } = workload;
  const variables = settings.filter(
    ({ from, variable }) => from === 'secret' && !inlineOnly.includes(variable),
  );
  for (const { variable } of variables)
    if (variable !== 'POSTGRES_URL' && !(variable in Site.properties.secretKeys.properties))
      throw new Error(`${variable} is a secret: values/site.ts must say where it is read from`);
  const keyOf = (key: string) => expression(`.Values.site.secretKeys.${key}`).string;
  onlyIf(
    'eq .Values.secrets.from "external"',
    addExternalSecret(scope, 'external-secret', {
      metadata: { name, labels },
      template: Object.fromEntries(
        variables.map(({ variable }) => [
          variable,
          variable === 'POSTGRES_URL' ? postgresTemplate(values) : pastHelm(`.${variable}`),
        ]),
      ),
      data: variables.flatMap(({ variable }) =>
        variable === 'POSTGRES_URL'
          ? databaseProperties(keyOf('database'))
          : [{ secretKey: variable, remoteRef: { key: keyOf(variable) } }],
      ),
    }),
  );
  onlyIf(
    'eq .Values.secrets.from "inline"',
    new k8s.KubeSecret(scope, 'secret', {
      metadata: { name, labels },
      type: 'Opaque',
      stringData: expression('.Values.secrets.inline').map,
    }),
  );
}
