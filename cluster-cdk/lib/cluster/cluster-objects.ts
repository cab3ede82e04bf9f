import type { AddonPlace } from './addon-values.ts';
import { appNamespace } from '../workloads.ts';
import { addons } from './addons.ts';

/** Fargate's log router takes a configuration of at most this many characters. */
export const loggingLimit = 5300;

/** Namespaces of the add-ons, and where Fargate writes what pods print: objects that no chart of ours or theirs has. */
export function objectsBeforeAddons({ network, cluster }: AddonPlace): readonly object[] {
  const namespaces = new Set(Object.values(addons).map(({ namespace }): string => namespace));
  namespaces.delete('kube-system');
  const namespace = (name: string, labels: Record<string, string> = {}) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  });
  return [
    ...[...namespaces].map((name) => namespace(name)),
    // The label is how Fargate knows that the ConfigMap is meant for it.
    namespace('aws-observability', { 'aws-observability': 'enabled' }),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'aws-logging', namespace: 'aws-observability' },
      data: {
        // The log router's own words, which cost as much as the pods'.
        flb_log_cw: 'false',
        'output.conf': [
          '[OUTPUT]',
          '    Name cloudwatch_logs',
          '    Match *',
          `    region ${network.Region}`,
          `    log_group_name ${cluster.PodLogGroup}`,
          '    log_stream_prefix pods-',
          '    log_key log',
          '    auto_create_group false',
          '',
        ].join('\n'),
      },
    },
  ];
}

/** What needs the add-ons' own kinds: the store that the charts' secrets are read from, as the operator's own role. */
export function objectsAfterAddons({ network }: AddonPlace): readonly object[] {
  return [
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ClusterSecretStore',
      metadata: { name: 'onsale' },
      spec: {
        provider: { aws: { service: 'SecretsManager', region: network.Region } },
        // An ExternalSecret of another namespace would be given whatever it names.
        conditions: [{ namespaces: [appNamespace] }],
      },
    },
  ];
}
