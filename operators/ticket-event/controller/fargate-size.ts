/** vCPUs of Fargate's sizes, and the most memory each comes with, GiB. */
const sizes = [
  [0.25, 2],
  [0.5, 4],
  [1, 8],
  [2, 16],
  [4, 30],
  [8, 60],
  [16, 120],
] as const;
const largest = 16;

/** What Fargate adds to each pod for the kubelet and its kin, GiB. */
const overheadGib = 0.25;

const gibPerUnit: Readonly<Record<string, number>> = {
  '': 2 ** -30,
  k: 1e3 / 2 ** 30,
  M: 1e6 / 2 ** 30,
  G: 1e9 / 2 ** 30,
  Ki: 2 ** -20,
  Mi: 2 ** -10,
  Gi: 1,
};

/** What a container asks for, as Kubernetes writes quantities. */
export interface ContainerRequests {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
}

function cores(quantity: string | undefined): number {
  const value = Number.parseFloat(quantity ?? '0');
  return (quantity?.endsWith('m') ? value / 1000 : value) || 0;
}

function gib(quantity: string | undefined): number {
  const [, value, unit] = /^([\d.]+)([A-Za-z]*)$/.exec(quantity ?? '') ?? [];
  return Number(value ?? 0) * (gibPerUnit[unit ?? ''] ?? 0);
}

/** The vCPUs that count against the account's quota for a pod with these containers: its requests, rounded up to a size. */
export function fargateVcpus(containers: readonly ContainerRequests[]): number {
  const cpu = containers.reduce((sum, one) => sum + cores(one.cpu), 0);
  const memory = containers.reduce((sum, one) => sum + gib(one.memory), 0) + overheadGib;
  return sizes.find(([vcpus, mostGib]) => vcpus >= cpu && mostGib >= memory)?.[0] ?? largest;
}
