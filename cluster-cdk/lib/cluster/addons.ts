/** What runs in the cluster beside the services, installed by Helm from pinned charts; roles are made by their account. */
export interface HelmAddon {
  readonly release: string;
  readonly namespace: string;
  readonly account: string;
  readonly chart: string;
  readonly repository: string;
  readonly version: string;
}

export const addons = {
  loadBalancerController: {
    release: 'aws-load-balancer-controller',
    namespace: 'kube-system',
    account: 'aws-load-balancer-controller',
    chart: 'aws-load-balancer-controller',
    repository: 'https://aws.github.io/eks-charts',
    version: '1.14.0',
  },
  externalSecrets: {
    release: 'external-secrets',
    namespace: 'external-secrets',
    account: 'external-secrets',
    chart: 'external-secrets',
    repository: 'https://charts.external-secrets.io',
    version: '0.20.4',
  },
  keda: {
    release: 'keda',
    namespace: 'keda',
    account: 'keda-operator',
    chart: 'keda',
    repository: 'https://kedacore.github.io/charts',
    version: '2.18.1',
  },
  prometheusAdapter: {
    release: 'prometheus-adapter',
    namespace: 'observability',
    account: 'prometheus-adapter',
    chart: 'prometheus-adapter',
    repository: 'https://prometheus-community.github.io/helm-charts',
    version: '5.2.0',
  },
  collector: {
    release: 'collector',
    namespace: 'observability',
    account: 'collector',
    chart: 'opentelemetry-collector',
    repository: 'https://open-telemetry.github.io/opentelemetry-helm-charts',
    version: '0.140.0',
  },
} as const satisfies Record<string, HelmAddon>;

export type AddonName = keyof typeof addons;
/** All of them, in the order they are installed. */
export const addonNames = Object.keys(addons) as AddonName[];
